#!/usr/bin/env bash
# The topics of compose.yaml's load. usage: create-topics.sh BOOTSTRAP-SERVERS
set -euo pipefail

create() {
  /opt/kafka/bin/kafka-topics.sh --bootstrap-server "$servers" --create --if-not-exists \
    --topic "$1" --partitions "$2" "${@:3}"
}

servers=$1
create orders 3
create usa.offer 6
create clicks 4
create carts 4
create invoices 3
create payments 3
create logs 1 --config retention.ms=60000 --config segment.ms=20000
create returns 2
create returns-dlt 2
