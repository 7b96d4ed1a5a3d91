#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dlq/export.h"
#include "dlq/treatment.h"

namespace backlogd::dlq {

// Writes letters down, if there is somewhere to, and gives them up: as logged, or as discarded. One
// that the export holds already is not written again: its process died before it could commit.
class ExportTreatment : public Treatment {
 public:
  // `to`: null if no copy is kept. `more`: further fields of each line.
  ExportTreatment(deadletters::Action action, Export* to,
                  std::vector<std::pair<std::string, std::string>> more = {})
      : action_(action), to_(to), more_(std::move(more)) {}

  deadletters::Action ToAction() const override { return action_; }
  Decision Decide(const Letter&) override { return {}; }
  Treated Treat(const Letter& letter, const Decision& decision,
                kafka::RecordWriter* writer) override;
  std::optional<Error> Settle() override;

 private:
  deadletters::Action action_;
  Export* to_;
  std::vector<std::pair<std::string, std::string>> more_;
};

}  // namespace backlogd::dlq
