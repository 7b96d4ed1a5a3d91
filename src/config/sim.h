#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

// What the operator wants of backlogd-sim. config/sim.yaml shows every key with its default and its
// reason; a test holds that file against the defaults here. 0 means "no limit" where it says so.
namespace backlogd::config {

enum class Schedule { kNone, kConstant, kRamp, kBurst, kSine, kPoisson };
enum class KeyChoice { kNone, kUniform, kZipf };

// When the backlog of a topic is too large, POST /push answers 429.
struct BackPressure {
  std::string url;                   // of a backlogd's metrics; empty: no back-pressure
  std::string group;                 // whose backlog counts; empty: the worst of all groups
  std::int64_t max_lag_records = 0;  // 0: no limit
  std::chrono::milliseconds max_lag_time{0};  // likewise
  std::chrono::milliseconds interval = 5s;    // between questions; 1s .. 1h
  friend bool operator==(const BackPressure&, const BackPressure&) = default;
};

struct SimPush {
  std::int64_t max_num = 100'000;                       // records of one request; 1 .. 10,000,000
  std::int64_t max_body_bytes = std::int64_t{1} << 20;  // 1 KiB .. 64 MiB
  std::int64_t max_records_per_second = 0;              // of a topic; 0: no limit
  std::chrono::milliseconds timeout = 30s;              // for the acknowledgements of a request
  BackPressure back_pressure;
  friend bool operator==(const SimPush&, const SimPush&) = default;
};

struct SimProduce {
  Schedule schedule = Schedule::kNone;  // kNone: serve POST /push
  double rate = 100;                    // records a second: constant, ramp's begin, between bursts,
                                        // mean of sine, of Poisson's arrivals
  double peak_rate = 1000;              // ramp's end, during bursts, top of sine (>= rate)
  std::chrono::milliseconds period = 86400s;     // of the ramp, from burst to burst, of the sine
  std::chrono::milliseconds burst_length = 10s;  // <= period
  std::int64_t records = 0;                      // end after so many; 0: no limit
  KeyChoice keys = KeyChoice::kUniform;
  std::int64_t key_count = 1000;
  double zipf_exponent = 1;                       // > 0: the larger, the hotter the first key
  std::int64_t value_bytes = 100;                 // of a value ...
  std::int64_t max_value_bytes = 0;               // ... up to so many, uniformly; 0: all the same
  std::chrono::milliseconds timestamp_behind{0};  // CreateTime lies so far in the past
  std::chrono::milliseconds timestamp_ahead{0};   // or in the future; not both
  std::int64_t transaction_records = 0;           // of a transaction; 0: no transactions
  double abort_rate = 0;                          // share of transactions that are aborted; 0 .. 1
  std::int64_t seed = 0;                          // 0: another one each time
  std::int64_t queue_records = 100'000;           // that wait for the broker; beyond: 503
  SimPush push;
  friend bool operator==(const SimProduce&, const SimProduce&) = default;
};

enum class Protocol { kClassic, kConsumer };
enum class CommitMode { kRecord, kBatch, kPeriodic, kNever };
enum class HandlingModel { kConstant, kRandom, kGrowing };
enum class Fault { kNone, kPause, kCrash, kHang, kSlowPartition };
enum class DeadLetterStyle { kSpring, kConnect, kStreams };

struct SimFailures {
  double rate = 0;                 // share of records that fail; 0 .. 1
  std::vector<std::string> kinds;  // words of DeathReason, but unknown; empty: all five in turn
  std::int64_t retries = 2;        // before the record is a dead letter; format and permission: 0
  std::chrono::milliseconds retry_backoff{100};
  DeadLetterStyle style = DeadLetterStyle::kSpring;
  std::string dead_letter_topic;  // empty: by the style: TOPIC-dlt, dlq-GROUP, GROUP-TOPIC-dlq
  friend bool operator==(const SimFailures&, const SimFailures&) = default;
};

struct SimFault {
  Fault kind = Fault::kNone;
  std::chrono::milliseconds after = 30s;     // from the first record on
  std::chrono::milliseconds length{0};       // 0: until the end
  std::int64_t members = 0;                  // how many it strikes; 0: all
  std::int64_t partition = 0;                // kSlowPartition
  std::chrono::milliseconds slow_time = 1s;  // a record of that partition takes
  friend bool operator==(const SimFault&, const SimFault&) = default;
};

struct SimConsume {
  std::string group = "wps.file.consumer.group";
  std::int64_t members = 1;  // 1 .. 1000
  Protocol protocol = Protocol::kClassic;
  bool from_beginning = true;
  CommitMode commit = CommitMode::kBatch;
  std::chrono::milliseconds commit_interval = 5s;  // kPeriodic
  std::int64_t batch = 500;                        // records of a poll at most
  HandlingModel handling = HandlingModel::kConstant;
  double handling_ms = 0;                         // of a record; kRandom: the mean (exponential)
  double max_handling_ms = 0;                     // kGrowing: up to this ...
  std::chrono::milliseconds growing_time = 300s;  // ... linearly, after so long
  std::chrono::milliseconds session_timeout = 10s;
  std::chrono::milliseconds max_poll_interval = 300s;
  std::int64_t records = 0;  // end after so many; 0: no limit
  std::int64_t seed = 0;
  SimFailures failures;
  SimFault fault;
  friend bool operator==(const SimConsume&, const SimConsume&) = default;
};

struct SimVerify {
  std::int64_t partitions = 0;   // that the topic must have; 0: any number
  std::int64_t replication = 0;  // likewise
  std::int64_t records = 100;    // to push
  std::int64_t keys = 10;
  std::string push_url;  // of POST /push; empty: straight to Kafka
  std::string junit;     // file; empty: none
  friend bool operator==(const SimVerify&, const SimVerify&) = default;
};

struct SimCapacity {
  std::string topic;             // empty: one made for the test, and deleted
  std::int64_t partitions = 12;  // of that
  double inflow = 1000;          // records a second at hand, or expected
  std::int64_t value_bytes = 100;
  double handling_ms = 0;  // of the consumer that is to be
  std::int64_t max_members = 16;
  std::int64_t backlog = 100'000;       // to drain
  std::chrono::milliseconds run = 10s;  // of one measurement, after its warm-up; 1s .. 1h
  std::int64_t repeats = 3;             // of each; 2 .. 20
  std::string push_url;                 // of POST /push; empty: one of its own
  std::string html;                     // file; empty: none
  friend bool operator==(const SimCapacity&, const SimCapacity&) = default;
};

struct Sim {
  Cluster cluster;  // key kafka: bootstrap_servers, properties ...
  std::vector<std::string> listen_addresses = {":12093"};  // of POST /push
  std::string topic = "usa.offer";
  std::chrono::milliseconds length{0};      // --for; 0: until Ctrl-C
  std::chrono::milliseconds timeout = 30s;  // for anything that Kafka is asked
  SimProduce produce;
  SimConsume consume;
  SimVerify verify;
  SimCapacity capacity;
  friend bool operator==(const Sim&, const Sim&) = default;
};

// What the command line says: key ("consume.members") -> text; of a list, its items with commas
// between. Takes precedence over the file.
using Overrides = std::map<std::string, std::string>;

// Reads and checks a file as Load() does; absent: the defaults. Throws ConfigError; one about an
// override has its key.
Sim LoadSim(const std::optional<std::filesystem::path>& file, const Overrides& overrides);

// The same for a text, without property files.
Sim ParseSim(std::string_view yaml, std::string_view origin, const Overrides& overrides);

// Every value, as YAML that ParseSim reads back; secrets as in Dump().
std::string DumpSim(const Sim& sim);

// Every key as a path.
std::vector<std::string> KnownSimKeys();

}  // namespace backlogd::config
