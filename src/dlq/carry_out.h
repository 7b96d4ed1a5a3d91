#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "dlq/handling.h"
#include "dlq/session.h"

namespace backlogd::dlq {

// What a command that handles records wants.
struct Order {
  Treatment* treatment = nullptr;
  HandlingOptions options;
  // What the operator is asked, of what a rehearsal found.
  std::function<std::string(const HandlingResult& rehearsal)> question;
  bool keeps_progress = true;  // false: nothing is written to Kafka, and nobody is asked
  bool writes_to_out =
      false;  // standard output is the command's own: the summary goes to the other
  std::vector<std::pair<std::string, std::string>> facts = {};  // for the summary
  // Called when all was handled, with the writer; throws Failure. Null: nothing more to do.
  std::function<void(kafka::RecordWriter& writer, const HandlingResult& result)> then = {};
};

HandlingOptions OptionsOf(const Flags& flags);

// Throws UsageError if nobody can be asked whether it shall be done, and nobody said yes.
void DemandConsent(const Session& session);

// Rehearses, asks, handles, sums up. The exit status.
int CarryOut(Session& session, const Queue& queue, const Order& order);

// "12 records of orders-dlt"
std::string CountOf(std::uint64_t records, const Queue& queue);

}  // namespace backlogd::dlq
