#pragma once

#include <memory>
#include <string>

#include "dlq/flags.h"
#include "dlq/handling.h"
#include "dlq/load_config.h"
#include "dlq/surroundings.h"
#include "dlq/survey.h"

namespace backlogd::dlq {

// What every command needs: a connection to the cluster, and what was found there. Once the program
// is to stop, whatever waits for Kafka returns, except for a writer: what it began it brings to its
// end. Throws Failure, UsageError or config::ConfigError.
class Session {
 public:
  Session(const Flags& flags, const Surroundings& with, Log& log);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Flags& flags() const { return flags_; }
  const Surroundings& with() const { return with_; }
  const Chosen& config() const { return config_; }
  const Survey& survey() const { return survey_; }
  kafka::KafkaClient& client() { return *client_; }
  Deadline Soon() const { return with_.steady_now() + flags_.timeout; }

  // The topic of the command line, as it is now, with the partitions of --partition. `known_only`:
  // refuses a topic that nobody takes for a dead-letter queue, unless --any-topic is given.
  std::unique_ptr<Queue> Open(bool known_only);

  QueueReader ReaderOf(const Queue& queue);
  // A writer for the queue, opened: nobody else handles it from now on.
  std::unique_ptr<kafka::RecordWriter> OpenWriter(const Queue& queue);

  // How far the queue is handled, by our own group. Fails if that is not known for sure, or if the
  // topic was made anew.
  QueueProgress Progress(const Queue& queue);
  LetterOpener MakeOpener(const Queue& queue, const std::vector<Stretch>& stretches);

  void Warn(const std::string& text);

 private:
  void DemandPartitions() const;

  const Flags& flags_;
  const Surroundings& with_;
  Log& log_;
  Chosen config_;
  std::unique_ptr<kafka::KafkaClient> client_;
  std::unique_ptr<kafka::RecordReader> reader_;
  Survey survey_;
};

// What the writer says of the queue's progress. Throws Failure.
QueueProgress FetchProgress(kafka::RecordWriter& writer, const Queue& queue, Deadline deadline);

}  // namespace backlogd::dlq
