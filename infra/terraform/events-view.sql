WITH parsed AS (
  SELECT
    message_id,
    publish_time,
    REGEXP_EXTRACT(subscription_name, r'bigquery-from-(.+)$') AS topic,
    SAFE.PARSE_JSON(SAFE_CONVERT_BYTES_TO_STRING(data), wide_number_mode => 'round') AS event
  FROM `${messages}`
),
events AS (
  SELECT
    JSON_VALUE(event, '$.event_id') AS event_id,
    JSON_VALUE(event, '$.event_type') AS event_type,
    SAFE.TIMESTAMP(JSON_VALUE(event, '$.timestamp')) AS timestamp,
    JSON_VALUE(event, '$.source') AS source,
    COALESCE(JSON_VALUE(event, '$.tenant_id'), 'default') AS tenant_id,
    COALESCE(JSON_VALUE(event, '$.correlation_id'), JSON_VALUE(event, '$.event_id')) AS correlation_id,
    JSON_VALUE(event, '$.parent_event_id') AS parent_event_id,
    SAFE_CAST(COALESCE(JSON_VALUE(event, '$.hops'), '0') AS INT64) AS hops,
    JSON_VALUE(event, '$.user_id') AS user_id,
    JSON_QUERY(event, '$.data') AS data,
    message_id,
    publish_time,
    topic
  FROM parsed
  WHERE JSON_VALUE(event, '$.event_id') IS NOT NULL
    AND JSON_VALUE(event, '$.replay_generation') IS NULL
),
numbered AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY tenant_id, event_type, event_id ORDER BY publish_time, message_id) AS time_said
  FROM events
)
SELECT * EXCEPT (time_said)
FROM numbered
WHERE time_said = 1
