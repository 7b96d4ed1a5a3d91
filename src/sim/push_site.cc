#include "sim/push_site.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>
#include <vector>

#include "http/http_client.h"
#include "http/http_server.h"
#include "sim/back_pressure.h"
#include "sim/failure.h"
#include "sim/processor_load.h"
#include "sim/push_service.h"
#include "sim/values.h"

namespace backlogd::sim {
namespace {

using std::chrono::milliseconds;

constexpr int kClients = 4;
constexpr std::int64_t kRecordsOfRequest = 1000;

// As `produce` would run, without its limits: what it can carry is asked.
config::Sim Unlimited(config::Sim settings) {
  settings.listen_addresses = {"127.0.0.1:0"};
  settings.produce.push.max_records_per_second = 0;
  settings.produce.push.back_pressure = {};
  settings.produce.push.max_body_bytes =
      std::max(settings.produce.push.max_body_bytes, 2 * settings.capacity.value_bytes + 1024);
  return settings;
}

// POST /push of this process.
class OwnServer {
 public:
  explicit OwnServer(const Session& session)
      : settings_(Unlimited(session.settings())),
        session_(settings_, false, session.with(), session.log()),
        topics_(session.with().make_client(session.cluster(), session.log())),
        producer_(session.with().make_producer(
            session.cluster(), {},
            [this](const kafka::Delivery& delivery) { tally_.Count(delivery); }, session.log())),
        back_pressure_({}, session.log()),
        service_(session_, *producer_, tally_, topics_, back_pressure_),
        server_(Options(), session.log()) {}

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_.ports().front()) + "/push";
  }

 private:
  http::ServerOptions Options() {
    http::ServerOptions options;
    options.listen_addresses = settings_.listen_addresses;
    options.posts["/push"] = [this](const http::Request& request) {
      return service_.Push(request);
    };
    options.max_body_bytes = static_cast<std::size_t>(settings_.produce.push.max_body_bytes);
    options.handlers_may_block = true;
    return options;
  }

  const config::Sim settings_;
  const Session session_;
  TopicDirectory topics_;
  Tally tally_;
  std::unique_ptr<kafka::RecordProducer> producer_;
  const BackPressure back_pressure_;
  PushService service_;
  http::HttpServer server_;
};

// Some clients, each a thread that asks again as soon as it is answered.
class Clients {
 public:
  Clients(const Session& session, std::string url, const std::string& topic)
      : session_(session), url_(std::move(url)) {
    std::mt19937_64 random{std::random_device()()};
    const Values values(session.settings().capacity.value_bytes, 0, random);
    num_ = std::min(kRecordsOfRequest, session.settings().produce.push.max_num);
    body_ = nlohmann::json{{"num", num_}, {"topic", topic}, {"data", values.Next(random)}}.dump();
    for (int i = 0; i < kClients; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~Clients() {
    ending_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  std::uint64_t acknowledged() const { return acknowledged_; }
  void Demand() const {
    const std::lock_guard lock(mutex_);
    if (!fault_.empty()) throw Failure(fault_);
  }

 private:
  void Run() {
    http::HttpClient client;
    while (!ending_) {
      const auto answer = client.Post(url_, "application/json", body_, session_.Soon());
      if (!answer) return Fail("POST /push: " + answer.error().message);
      if (answer->status != 200) {
        return Fail("POST /push answers " + std::to_string(answer->status) + ": " +
                    answer->body.substr(0, 300));
      }
      acknowledged_ += static_cast<std::uint64_t>(num_);
    }
  }
  void Fail(const std::string& fault) {
    const std::lock_guard lock(mutex_);
    if (fault_.empty()) fault_ = fault;
  }

  const Session& session_;
  const std::string url_;
  std::string body_;
  std::int64_t num_ = 0;
  std::atomic<bool> ending_ = false;
  std::atomic<std::uint64_t> acknowledged_ = 0;
  mutable std::mutex mutex_;
  std::string fault_;
  std::vector<std::thread> threads_;
};

}  // namespace

std::optional<RateRun> MeasurePush(const Session& session, const std::string& url,
                                   const std::string& topic, const PushLimits& limits) {
  const Surroundings& with = session.with();
  std::unique_ptr<OwnServer> own;
  if (url.empty()) own = std::make_unique<OwnServer>(session);
  const Clients clients(session, own ? own->url() : url, topic);
  const auto seconds_since = [&with](Deadline begun) {
    return std::chrono::duration<double>(with.steady_now() - begun).count();
  };
  const Deadline warm_at = with.steady_now() + limits.run / 5;
  while (clients.acknowledged() == 0 || with.steady_now() < warm_at) {
    clients.Demand();
    if (!with.stop.Sleep(milliseconds(5))) return std::nullopt;
  }
  const ProcessorLoad busy;
  const Deadline begun = with.steady_now();
  const std::uint64_t before = clients.acknowledged();
  while (with.steady_now() < begun + limits.run &&
         clients.acknowledged() - before < limits.most_records) {
    clients.Demand();
    if (!with.stop.Sleep(milliseconds(10))) return std::nullopt;
  }
  RateRun run;
  run.records = clients.acknowledged() - before;
  run.seconds = seconds_since(begun);
  run.records_per_second = static_cast<double>(run.records) / run.seconds;
  run.load.busy = busy.Share();
  return run;
}

}  // namespace backlogd::sim
