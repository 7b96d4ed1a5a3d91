#include "config/sim_schema.h"

#include <array>

namespace backlogd::config {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 6> kSchedules = {"none",  "constant", "ramp",
                                                        "burst", "sine",     "poisson"};
constexpr std::array<std::string_view, 3> kKeyChoices = {"none", "uniform", "zipf"};
constexpr std::array<std::string_view, 2> kProtocols = {"classic", "consumer"};
constexpr std::array<std::string_view, 4> kCommitModes = {"record", "batch", "periodic", "never"};
constexpr std::array<std::string_view, 3> kHandlingModels = {"constant", "random", "growing"};
constexpr std::array<std::string_view, 5> kFaults = {"none", "pause", "crash", "hang",
                                                     "slow_partition"};
constexpr std::array<std::string_view, 3> kStyles = {"spring", "connect", "streams"};

void VisitBackPressure(Visitor& visitor, BackPressure& pressure) {
  visitor.Text("url", pressure.url);
  visitor.Text("group", pressure.group);
  visitor.Number("max_lag_records", pressure.max_lag_records);
  visitor.Duration("max_lag_time", pressure.max_lag_time);
  visitor.Duration("interval", pressure.interval);
}

void VisitPush(Visitor& visitor, SimPush& push) {
  visitor.Number("max_num", push.max_num);
  visitor.ByteSize("max_body_bytes", push.max_body_bytes);
  visitor.Number("max_records_per_second", push.max_records_per_second);
  visitor.Duration("timeout", push.timeout);
  VisitSection(visitor, "back_pressure", push.back_pressure, VisitBackPressure);
}

void VisitProduce(Visitor& visitor, SimProduce& produce) {
  VisitChoice(visitor, "schedule", kSchedules, produce.schedule);
  visitor.Real("rate", produce.rate);
  visitor.Real("peak_rate", produce.peak_rate);
  visitor.Duration("period", produce.period);
  visitor.Duration("burst_length", produce.burst_length);
  visitor.Number("records", produce.records);
  VisitChoice(visitor, "keys", kKeyChoices, produce.keys);
  visitor.Number("key_count", produce.key_count);
  visitor.Real("zipf_exponent", produce.zipf_exponent);
  visitor.ByteSize("value_bytes", produce.value_bytes);
  visitor.ByteSize("max_value_bytes", produce.max_value_bytes);
  visitor.Duration("timestamp_behind", produce.timestamp_behind);
  visitor.Duration("timestamp_ahead", produce.timestamp_ahead);
  visitor.Number("transaction_records", produce.transaction_records);
  visitor.Real("abort_rate", produce.abort_rate);
  visitor.Number("seed", produce.seed);
  visitor.Number("queue_records", produce.queue_records);
  VisitSection(visitor, "push", produce.push, VisitPush);
}

void VisitFailures(Visitor& visitor, SimFailures& failures) {
  visitor.Real("rate", failures.rate);
  visitor.Texts("kinds", failures.kinds);
  visitor.Number("retries", failures.retries);
  visitor.Duration("retry_backoff", failures.retry_backoff);
  VisitChoice(visitor, "style", kStyles, failures.style);
  visitor.Text("dead_letter_topic", failures.dead_letter_topic);
}

void VisitFault(Visitor& visitor, SimFault& fault) {
  VisitChoice(visitor, "kind", kFaults, fault.kind);
  visitor.Duration("after", fault.after);
  visitor.Duration("length", fault.length);
  visitor.Number("members", fault.members);
  visitor.Number("partition", fault.partition);
  visitor.Duration("slow_time", fault.slow_time);
}

void VisitConsume(Visitor& visitor, SimConsume& consume) {
  visitor.Text("group", consume.group);
  visitor.Number("members", consume.members);
  VisitChoice(visitor, "protocol", kProtocols, consume.protocol);
  visitor.Flag("from_beginning", consume.from_beginning);
  VisitChoice(visitor, "commit", kCommitModes, consume.commit);
  visitor.Duration("commit_interval", consume.commit_interval);
  visitor.Number("batch", consume.batch);
  VisitChoice(visitor, "handling", kHandlingModels, consume.handling);
  visitor.Real("handling_ms", consume.handling_ms);
  visitor.Real("max_handling_ms", consume.max_handling_ms);
  visitor.Duration("growing_time", consume.growing_time);
  visitor.Duration("session_timeout", consume.session_timeout);
  visitor.Duration("max_poll_interval", consume.max_poll_interval);
  visitor.Number("records", consume.records);
  visitor.Number("seed", consume.seed);
  VisitSection(visitor, "failures", consume.failures, VisitFailures);
  VisitSection(visitor, "fault", consume.fault, VisitFault);
}

void VisitVerify(Visitor& visitor, SimVerify& verify) {
  visitor.Number("partitions", verify.partitions);
  visitor.Number("replication", verify.replication);
  visitor.Number("records", verify.records);
  visitor.Number("keys", verify.keys);
  visitor.Text("push_url", verify.push_url);
  visitor.Text("junit", verify.junit);
}

void VisitCapacity(Visitor& visitor, SimCapacity& capacity) {
  visitor.Text("topic", capacity.topic);
  visitor.Number("partitions", capacity.partitions);
  visitor.Real("inflow", capacity.inflow);
  visitor.ByteSize("value_bytes", capacity.value_bytes);
  visitor.Real("handling_ms", capacity.handling_ms);
  visitor.Number("max_members", capacity.max_members);
  visitor.Number("backlog", capacity.backlog);
  visitor.Duration("run", capacity.run);
  visitor.Number("repeats", capacity.repeats);
  visitor.Text("push_url", capacity.push_url);
  visitor.Text("html", capacity.html);
}

}  // namespace

void Visit(Visitor& visitor, Sim& sim) {
  VisitSection(visitor, "kafka", sim.cluster, VisitConnection);
  visitor.Texts("listen_addresses", sim.listen_addresses);
  visitor.Text("topic", sim.topic);
  visitor.Duration("length", sim.length);
  visitor.Duration("timeout", sim.timeout);
  VisitSection(visitor, "produce", sim.produce, VisitProduce);
  VisitSection(visitor, "consume", sim.consume, VisitConsume);
  VisitSection(visitor, "verify", sim.verify, VisitVerify);
  VisitSection(visitor, "capacity", sim.capacity, VisitCapacity);
}

std::vector<std::string> KnownSimKeys() {
  Sim sim;
  return ListKeys([&sim](Visitor& visitor) { Visit(visitor, sim); });
}

}  // namespace backlogd::config
