/**
 * A gcloud that starts the emulators of Pub/Sub and Firestore, as `gcloud beta emulators <name> start --host-port=<host>:<port>`
 * does, and nothing else. Other options are passed over. JAVA stands for the program.
 */
export const EMULATOR_COMMAND = `#!/bin/sh
[ "$1" = beta ] && shift
emulator="$1 $2 $3"
for option in "$@"; do
  case $option in --host-port=*) at=\${option#--host-port=} ;; esac
done
options="-Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Duser.language=en"
case $emulator in
  "emulators pubsub start")
    exec JAVA $options -jar /opt/emulators/cloud-pubsub-emulator-*-all.jar --host="\${at%:*}" --port="\${at##*:}" ;;
  "emulators firestore start")
    exec JAVA $options -cp /opt/emulators/cloud-firestore-emulator.jar \\
      com.google.cloud.datastore.emulator.firestore.CloudFirestore --host="\${at%:*}" --port="\${at##*:}" ;;
esac
echo "this gcloud starts the emulators only: gcloud beta emulators pubsub|firestore start --host-port=<host>:<port>" >&2
exit 2
`;
