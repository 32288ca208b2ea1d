variable "project_id" {
  description = "The Google Cloud project that everything is made in."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id is a project's id: 6 to 30 of a-z, 0-9 and -, a letter first. `gcloud projects list` shows yours."
  }
}

variable "region" {
  description = "Where services run and data is kept."
  type        = string
  default     = "europe-west1"

  validation {
    condition     = can(regex("^(africa|asia|australia|europe|me|northamerica|southamerica|us)-[a-z]+[0-9]+$", var.region))
    error_message = "region is one of Cloud Run's, such as europe-west1; a zone (europe-west1-b) or a continent is none. `gcloud run regions list` shows them."
  }
}

variable "environment" {
  description = "What the project is for: a label on everything."
  type        = string

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "environment is staging or production."
  }
}

variable "image_tag" {
  description = "The tag of the images that image_digests does not name. Default: image_digests names all of them."
  type        = string
  default     = null

  validation {
    condition     = var.image_tag == null || (can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", var.image_tag)) && var.image_tag != "latest")
    error_message = "image_tag is up to 128 letters, digits, _, . and -; latest is refused, for nobody could say later what ran."
  }
}

variable "image_digests" {
  description = "The digest of each process's image and of the command line's, by the process's name and as cli: what `make push` writes. A deployment by digest is what it was tested as."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for digest in values(var.image_digests) : can(regex("^sha256:[0-9a-f]{64}$", digest))])
    error_message = "image_digests maps a process to sha256: and 64 hexadecimal digits."
  }

  validation {
    condition     = length(setsubtract(keys(var.image_digests), local.image_names)) == 0
    error_message = "image_digests names what is neither a process of the cloud nor cli: ${join(", ", setsubtract(keys(var.image_digests), local.image_names))}."
  }

  validation {
    condition     = var.image_tag != null || length(setsubtract(local.image_names, keys(var.image_digests))) == 0
    error_message = "No image is named for ${join(", ", setsubtract(local.image_names, keys(var.image_digests)))}: set image_tag, or add them to image_digests."
  }
}

variable "enable_dlq" {
  description = "Whether a push that failed 100 times goes to its topic's dead letters. Without, it is tried until its retention ends. What agents give up on themselves goes there in any case."
  type        = bool
  default     = true
}

variable "retention_days" {
  description = "How long topics and subscriptions keep messages, in days. Default: as topology.json says, 7."
  type        = number
  default     = null

  validation {
    condition     = var.retention_days == null || try(var.retention_days >= 1 && var.retention_days <= 31 && floor(var.retention_days) == var.retention_days, false)
    error_message = "retention_days is a whole number from 1 to 31, which is the longest that Pub/Sub keeps messages."
  }
}

variable "enable_bigquery" {
  description = "Whether every event becomes a row in BigQuery."
  type        = bool
  default     = true
}

variable "notification_channels" {
  description = "Who is told of alerts, by name, projects/P/notificationChannels/N: page, of what cannot wait until the morning; chat, of the rest. What has no channels of its own is told to the other's; without any, alerts are seen in the console alone."
  type = object({
    page = optional(list(string), [])
    chat = optional(list(string), [])
  })
  default = {}

  validation {
    condition     = alltrue([for channel in concat(var.notification_channels.page, var.notification_channels.chat) : can(regex("^projects/[^/]+/notificationChannels/[0-9]+$", channel))])
    error_message = "A notification channel is named projects/P/notificationChannels/N. `gcloud beta monitoring channels list --format='value(name)'` shows yours."
  }
}

variable "tenant_id" {
  description = "The one tenant of the house: whose pushes are said, whose events are taken and shown. Default: pushes are of default, and events are taken whosever they are."
  type        = string
  default     = null

  validation {
    condition     = var.tenant_id == null || can(regex("^[A-Za-z0-9_.-]{1,100}$", var.tenant_id))
    error_message = "tenant_id is 1 to 100 letters, digits, dots, dashes and underscores."
  }
}

variable "heartbeat_schedule" {
  description = "When the heartbeat runs, as cron says it: every 5 to 30 minutes. Null: never, and nobody is told that a push gets no nudge any more."
  type        = string
  default     = "*/15 * * * *"

  validation {
    condition     = var.heartbeat_schedule == null || can(regex("^\\*/([5-9]|[12][0-9]|30) \\* \\* \\* \\*$", var.heartbeat_schedule))
    error_message = "heartbeat_schedule is every 5 to 30 minutes, such as */15 * * * *, for somebody is told after an hour without a success; null turns the heartbeat off."
  }

  validation {
    condition     = var.heartbeat_schedule == null || var.enable_dlq
    error_message = "The heartbeat holds every subscription to its dead letters: with enable_dlq = false it would always fail. Set heartbeat_schedule = null too."
  }
}

variable "labels" {
  description = "Labels on everything, beside environment and component."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "A label's key and value have up to 63 of a-z, 0-9, _ and -, the key a letter first."
  }

  validation {
    condition     = length(setintersection(keys(var.labels), ["environment", "component", "application"])) == 0
    error_message = "The labels environment, component and application are the house's own: choose other keys."
  }
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete what holds data: the database and the table of events."
  type        = bool
  default     = true
}

variable "log_level" {
  description = "How much processes tell: info, or info,coach-agent=debug."
  type        = string
  default     = "info"
}

variable "settings" {
  description = "What a process is told that nobody else knows, by the process and the variable: { git-agent = { GIT_URL = \"https://github.com/{repository}.git\", GIT_REPOSITORIES = \"acme/shop\" } }."
  type        = map(map(string))
  default     = {}

  validation {
    condition     = !anytrue([for values in values(var.settings) : anytrue([for key in keys(values) : can(regex("TOKEN|SECRET|KEY", key))])])
    error_message = "A secret is never a setting: its value would stand in the state. Put it into Secret Manager, and its version into secret_versions."
  }

  validation {
    condition     = !anytrue([for values in values(var.settings) : contains(keys(values), "TENANT_ID")])
    error_message = "TENANT_ID is one for the house, or its parts would not hear each other: set tenant_id."
  }

  validation {
    condition     = length(setsubtract(keys(var.settings), keys(local.processes))) == 0
    error_message = "settings names what is no process of the cloud: ${join(", ", setsubtract(keys(var.settings), keys(local.processes)))}."
  }
}

variable "secret_versions" {
  description = "The version of each secret that processes are given, by the secret's name. Default: 1, its first; one that not every deployment has, such as git-token, is given where it is named here."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for version in values(var.secret_versions) : can(regex("^[1-9][0-9]*$", version))])
    error_message = "A secret's version is a number; latest is refused, for instances of one revision would be given different ones."
  }

  validation {
    condition     = length(setsubtract(keys(var.secret_versions), local.secrets)) == 0
    error_message = "secret_versions names what no process asks for: ${join(", ", setsubtract(keys(var.secret_versions), local.secrets))}."
  }
}

variable "firestore_database" {
  description = "The Firestore database of the house: of its own, so that a grant reaches it and nothing else."
  type        = string
  default     = "contextpilot"

  validation {
    condition     = can(regex("^([a-z][a-z0-9-]{2,61}[a-z0-9]|\\(default\\))$", var.firestore_database))
    error_message = "firestore_database is (default), or 4 to 63 of a-z, 0-9 and -, a letter first."
  }
}

variable "firestore_location" {
  description = "Where Firestore keeps data, such as eur3 for several regions. It cannot be changed later. Default: the region."
  type        = string
  default     = null
}

variable "domains" {
  description = "The domain at which people reach a process of the door people, by the process's name: { dashboard-web = \"contextpilot.example.com\" }. Without one nobody does."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for domain in values(var.domains) : can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", domain))])
    error_message = "domains maps a process to a domain such as contextpilot.example.com, without https:// and path."
  }

  validation {
    condition     = length(setsubtract(keys(var.domains), keys(local.for_people))) == 0
    error_message = "domains names what is no process for people: ${join(", ", setsubtract(keys(var.domains), keys(local.for_people)))}."
  }

  validation {
    condition     = length(var.domains) == 0 || length(var.people) > 0
    error_message = "domains opens a door, and people names nobody who may come in: add some, such as [\"group:developers@example.com\"]."
  }
}

variable "people" {
  description = "Whom the Identity-Aware Proxy lets in: user:…, group:… or domain:…"
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.people : can(regex("^(user|group):[^@ ]+@[^@ ]+$|^domain:[^@ ]+$", member))])
    error_message = "people are user:ada@example.com, group:developers@example.com or domain:example.com; allUsers and allAuthenticatedUsers are refused, for everyone is not people you know."
  }
}
