#include "sim/setting_flags.h"

#include <algorithm>
#include <array>
#include <utility>

namespace backlogd::sim {
namespace {

constexpr std::array<SettingFlag, 70> kFlags = {{
    {"produce.schedule", "WORD",
     "none (serve POST /push), constant, ramp, burst, sine or poisson (default none)"},
    {"produce.rate", "NUMBER",
     "Records a second: the constant, the ramp's begin, between bursts, the mean of sine and "
     "poisson (default 100)"},
    {"produce.peak_rate", "NUMBER",
     "Records a second at the ramp's end, in bursts, at the top of the sine (default 1000)"},
    {"produce.period", "TIME", "Of the ramp, from burst to burst, of the sine (default 1d)"},
    {"produce.burst_length", "TIME", "How long a burst is (default 10s)"},
    {"produce.records", "NUMBER", "End after so many; 0: no limit (default 0)"},
    {"produce.keys", "WORD", "none, uniform or zipf: some keys are hot (default uniform)"},
    {"produce.key_count", "NUMBER", "Different keys (default 1000)"},
    {"produce.zipf_exponent", "NUMBER", "The larger, the hotter the first key (default 1)"},
    {"produce.value_bytes", "BYTES", "Of a value (default 100)"},
    {"produce.max_value_bytes", "BYTES",
     "Values are from --value-bytes to this, uniformly; 0: all the same (default 0)"},
    {"produce.timestamp_behind", "TIME", "CreateTime lies so far in the past (default 0s)"},
    {"produce.timestamp_ahead", "TIME", "CreateTime lies so far in the future (default 0s)"},
    {"produce.transaction_records", "NUMBER",
     "Records of a transaction; 0: no transactions (default 0)"},
    {"produce.abort_rate", "NUMBER", "Share of transactions that are aborted, 0 to 1 (default 0)"},
    {"produce.seed", "NUMBER", "Of keys, sizes and arrivals; 0: another each time (default 0)"},
    {"produce.queue_records", "NUMBER",
     "That wait for the broker; beyond, /push answers 503 (default 100000)"},
    {"produce.push.max_num", "NUMBER", "Records of one request (default 100000)"},
    {"produce.push.max_body_bytes", "BYTES", "Of one request (default 1MiB)"},
    {"produce.push.max_records_per_second", "NUMBER",
     "Of a topic; beyond, /push answers 429; 0: no limit (default 0)"},
    {"produce.push.timeout", "TIME", "For the broker's acknowledgements (default 30s)"},
    {"produce.push.back_pressure.url", "URL",
     "Metrics of a backlogd that says how large the backlog is (default none)"},
    {"produce.push.back_pressure.group", "NAME",
     "The group whose backlog counts (default the worst of all)"},
    {"produce.push.back_pressure.max_lag_records", "NUMBER",
     "Beyond, /push answers 429; 0: no limit (default 0)"},
    {"produce.push.back_pressure.max_lag_time", "TIME", "Likewise (default 0s)"},
    {"produce.push.back_pressure.interval", "TIME", "Between questions (default 5s)"},
    {"consume.group", "NAME", "The consumer group (default wps.file.consumer.group)"},
    {"consume.members", "NUMBER", "Of the group in this process (default 1)"},
    {"consume.protocol", "WORD", "classic, or consumer (KIP-848, Kafka 4.0) (default classic)"},
    {"consume.from_beginning", "BOOL",
     "Where nothing is committed: true, or false for the end (default true)"},
    {"consume.commit", "WORD", "record, batch, periodic or never (default batch)"},
    {"consume.commit_interval", "TIME", "Of periodic commits (default 5s)"},
    {"consume.batch", "NUMBER", "Records that are taken at once (default 500)"},
    {"consume.handling", "WORD", "constant, random or growing handling time (default constant)"},
    {"consume.handling_ms", "NUMBER",
     "Milliseconds that a record takes; the mean if random (default 0)"},
    {"consume.max_handling_ms", "NUMBER", "To which it grows (default 0)"},
    {"consume.growing_time", "TIME", "How long it grows (default 5m)"},
    {"consume.session_timeout", "TIME",
     "After which a silent member is given up, classic (default 10s)"},
    {"consume.max_poll_interval", "TIME",
     "After which a member that handles too long is given up (default 5m)"},
    {"consume.records", "NUMBER", "End after so many; 0: no limit (default 0)"},
    {"consume.seed", "NUMBER", "Of times and failures; 0: another each time (default 0)"},
    {"consume.failures.rate", "NUMBER", "Share of records that fail, 0 to 1 (default 0)"},
    {"consume.failures.kinds", "LIST",
     "retries_exhausted, format, business, timeout, permission, with commas (default all)"},
    {"consume.failures.retries", "NUMBER", "Before a record is a dead letter (default 2)"},
    {"consume.failures.retry_backoff", "TIME", "Between them (default 100ms)"},
    {"consume.failures.style", "WORD",
     "Headers of dead letters as of spring, connect or streams (default spring)"},
    {"consume.failures.dead_letter_topic", "NAME",
     "(default by the style: TOPIC-dlt, dlq-GROUP, GROUP-TOPIC-dlq)"},
    {"consume.fault.kind", "WORD", "none, pause, crash, hang or slow_partition (default none)"},
    {"consume.fault.after", "TIME", "From the first record on (default 30s)"},
    {"consume.fault.length", "TIME", "0s: until the end (default 0s)"},
    {"consume.fault.members", "NUMBER", "That it strikes; 0: all (default 0)"},
    {"consume.fault.partition", "NUMBER", "Of slow_partition (default 0)"},
    {"consume.fault.slow_time", "TIME", "That each record of it takes (default 1s)"},
    {"verify.partitions", "NUMBER", "That the topic must have; 0: any number (default 0)"},
    {"verify.replication", "NUMBER", "Likewise (default 0)"},
    {"verify.records", "NUMBER", "To push (default 100)"},
    {"verify.keys", "NUMBER", "Of these records (default 10)"},
    {"verify.push_url", "URL", "Of POST /push; without it straight to Kafka (default none)"},
    {"verify.junit", "FILE", "Results as JUnit's XML (default none)"},
    {"capacity.topic", "NAME", "To measure on; without it one is made, and deleted (default none)"},
    {"capacity.partitions", "NUMBER", "Of the topic that is made (default 12)"},
    {"capacity.inflow", "NUMBER", "Records a second at hand, or expected (default 1000)"},
    {"capacity.value_bytes", "BYTES", "Of a value (default 100)"},
    {"capacity.handling_ms", "NUMBER",
     "Milliseconds that your consumer needs for a record (default 0)"},
    {"capacity.max_members", "NUMBER", "That are tried (default 16)"},
    {"capacity.backlog", "NUMBER", "Records to drain (default 100000)"},
    {"capacity.run", "TIME", "Of one measurement, after its warm-up (default 10s)"},
    {"capacity.repeats", "NUMBER", "Of each measurement (default 3)"},
    {"capacity.push_url", "URL",
     "Of POST /push to measure; without it one of its own (default none)"},
    {"capacity.html", "FILE", "The report as a page (default none)"},
}};

// What is no setting of one command.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kOthers = {{
    {"kafka.bootstrap_servers", "--kafka.bootstrap-servers"},
    {"listen_addresses", "--web.listen-address"},
    {"topic", "--topic"},
    {"length", "--for"},
}};

}  // namespace

std::span<const SettingFlag> SettingFlags() { return kFlags; }

std::string FlagOf(std::string_view key) {
  key = key.substr(0, key.find('['));
  for (const auto& [other, flag] : kOthers) {
    if (key == other) return std::string(flag);
  }
  std::string flag = "--" + std::string(key.substr(key.find('.') + 1));
  std::ranges::replace(flag, '_', '-');
  return flag;
}

}  // namespace backlogd::sim
