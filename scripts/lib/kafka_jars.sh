# shellcheck shell=bash
# Apache Kafka's jars, by Maven, in the cache: the tests and the demo start real brokers from them.
# Sourced after common.sh. Where Maven gets them from is the machine's own setting.

kafka_folder() { echo "$BACKLOGD_CACHE/kafka-$1"; }

# The broker, the command line tools, and the logging backend of Kafka's own distribution: Kafka's
# poms leave the backend out, and without one it warns and every message is lost.
kafka_artifacts() {
  echo "org.apache.kafka kafka_2.13 $1"
  echo "org.apache.kafka kafka-tools $1"
  case $1 in
    3.*)
      echo "ch.qos.reload4j reload4j 1.2.25"
      echo "org.slf4j slf4j-reload4j 1.7.36"
      ;;
    *)
      echo "org.apache.logging.log4j log4j-slf4j-impl 2.24.3"
      echo "org.apache.logging.log4j log4j-core 2.24.3"
      ;;
  esac
}

kafka_pom() {
  local group artifact version
  echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
  echo '<groupId>backlogd</groupId><artifactId>kafka-jars</artifactId><version>1</version>'
  echo '<packaging>pom</packaging><dependencies>'
  while read -r group artifact version; do
    echo "<dependency><groupId>$group</groupId><artifactId>$artifact</artifactId>"
    echo "<version>$version</version></dependency>"
  done < <(kafka_artifacts "$1")
  echo '</dependencies></project>'
}

# Warnings and worse to stderr, for whoever starts Java without saying otherwise.
write_logging_jar() {
  printf '%s\n' 'log4j.rootLogger=WARN, stderr' \
    'log4j.appender.stderr=org.apache.log4j.ConsoleAppender' \
    'log4j.appender.stderr.target=System.err' \
    'log4j.appender.stderr.layout=org.apache.log4j.PatternLayout' \
    'log4j.appender.stderr.layout.ConversionPattern=[%d] %p %m (%c)%n' >log4j.properties
  printf '%s\n' 'appender.stderr.type=Console' 'appender.stderr.name=stderr' \
    'appender.stderr.target=SYSTEM_ERR' 'appender.stderr.layout.type=PatternLayout' \
    'appender.stderr.layout.pattern=[%d] %p %m (%c)%n' \
    'rootLogger.level=WARN' 'rootLogger.appenderRef.stderr.ref=stderr' >log4j2.properties
  jar --create --file libs/logging-defaults.jar log4j.properties log4j2.properties
  rm log4j.properties log4j2.properties
}

# resolve_kafka VERSION FOLDER
resolve_kafka() (
  set -e
  mkdir "$2"
  cd "$2"
  kafka_pom "$1" >pom.xml
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$PWD/libs"
  write_logging_jar
  rm pom.xml
)

# provide_kafka VERSION
provide_kafka() {
  local final
  final=$(kafka_folder "$1")
  [ ! -d "$final" ] || return 0
  make_scratch
  quietly "resolved Kafka $1 into $final" resolve_kafka "$1" "$scratch/kafka-$1"
  publish_folder "$scratch/kafka-$1" "$final"
}
