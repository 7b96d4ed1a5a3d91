#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/time.h"
#include "cli/stop.h"
#include "config/config.h"
#include "kafka/kafka_client.h"
#include "kafka/record_reader.h"
#include "kafka/record_writer.h"

namespace backlogd::dlq {

// Everything outside of the program that it touches, so that a test can take its place.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool err_is_terminal = false;
  unsigned columns = 80;  // of the terminal that `err` is

  // Waits for a line; nothing at the end of the input, or when the program is to stop.
  std::function<std::optional<std::string>()> read_line;
  std::function<WallTime()> wall_now;
  std::function<Deadline()> steady_now;
  cli::Stop& stop;

  // Throw config::ConfigError, as Kafka's factories do.
  std::function<std::unique_ptr<kafka::KafkaClient>(const config::Cluster&, Log&)> make_client;
  std::function<std::unique_ptr<kafka::RecordReader>(const config::Cluster&, Log&)> make_reader;
  std::function<std::unique_ptr<kafka::RecordWriter>(const config::Cluster&,
                                                     const kafka::WriterOptions&, Log&)>
      make_writer;
};

}  // namespace backlogd::dlq
