#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "deadletters/progress.h"
#include "dlq/letter.h"
#include "kafka/record_writer.h"

namespace backlogd::dlq {

// What is to become of a letter.
struct Decision {
  std::string left_because;  // "": it is handled; else it stays, and this is why
  std::string target;        // of a redelivery: the topic
};

// What became of it.
struct Treated {
  std::string left_because = {};
  std::optional<Error> error = {};  // it stays, and the command ends
  bool transaction_broken = false;  // with an error: what was done in the transaction is void
};

// One way to handle letters.
class Treatment {
 public:
  virtual ~Treatment() = default;

  virtual deadletters::Action ToAction() const = 0;
  // Pure: rehearsals ask it too.
  virtual Decision Decide(const Letter& letter) = 0;
  // What may take long, before Treat(): no transaction is held open for it. Calls `meanwhile` now
  // and then; false: end at once, with an error. REQUIRES: Decide() did not leave the letter
  virtual Treated Prepare(const Letter&, const Decision&, const std::function<bool()>&) {
    return {};
  }
  // Whether what Prepare() made must be alone in its transaction, since it may be refused for its
  // size.
  virtual bool IsAlone() const { return false; }
  // Does it, within a transaction of the writer (null where the progress is not kept).
  // REQUIRES: neither Decide() nor Prepare() left the letter
  virtual Treated Treat(const Letter& letter, const Decision& decision,
                        kafka::RecordWriter* writer) = 0;
  // Before the transaction is committed: what was done outside of Kafka must last from here on.
  virtual std::optional<Error> Settle() { return std::nullopt; }
};

}  // namespace backlogd::dlq
