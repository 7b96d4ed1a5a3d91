#include <chrono>
#include <map>
#include <mutex>
#include <ostream>
#include <stdexcept>

#include "http/http_server.h"
#include "sim/back_pressure.h"
#include "sim/failure.h"
#include "sim/produce_report.h"
#include "sim/produce_run.h"
#include "sim/push_service.h"
#include "sim/tally.h"
#include "sim/topic_directory.h"

namespace backlogd::sim {
namespace {

constexpr std::string_view kHelp =
    "backlogd-sim produce\n\n"
    "POST /push with {\"num\": 1000, \"topic\": \"usa.offer\", \"data\": \"...\"} produces so "
    "many\n"
    "records, and answers when the broker has acknowledged all of them. \"key\" (a text) and\n"
    "\"headers\" (an object of texts) may be added.\n\n"
    "    curl -d '{\"num\": 10, \"topic\": \"usa.offer\", \"data\": \"hello\"}' URL/push\n";

http::Response Help(const http::Request&) {
  http::Response response;
  response.body = kHelp;
  return response;
}

http::Response Healthy(const http::Request&) {
  http::Response response;
  response.body = "healthy\n";
  return response;
}

// Answers by status. Thread-safe.
class Answers {
 public:
  void Count(int status) {
    const std::lock_guard lock(mutex_);
    ++counts_[status];
  }
  std::map<int, std::uint64_t> Copy() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<int, std::uint64_t> counts_;
};

http::ServerOptions OptionsOf(const Session& session, PushService& service, Answers& answers) {
  http::ServerOptions options;
  options.listen_addresses = session.settings().listen_addresses;
  options.routes = {{"/", Help}, {"/-/healthy", Healthy}};
  options.posts["/push"] = [&service](const http::Request& request) {
    return service.Push(request);
  };
  options.max_body_bytes = static_cast<std::size_t>(session.settings().produce.push.max_body_bytes);
  options.handlers_may_block = true;
  options.on_response = [&answers](int status) { answers.Count(status); };
  return options;
}

// Tests and scripts read these lines.
void Announce(const Session& session, const http::HttpServer& server) {
  const auto& addresses = session.settings().listen_addresses;
  const std::vector<std::uint16_t> ports = server.ports();
  for (std::size_t i = 0; i < ports.size(); ++i) {
    std::string host = http::ParseListenAddress(addresses[i]).host;
    if (host.empty()) host = "localhost";
    if (host.find(':') != std::string::npos) host.insert(0, 1, '[').append(1, ']');
    std::string line = "listening on http://";
    line.append(host).append(":").append(std::to_string(ports[i])).append("/push\n");
    session.with().err << line << std::flush;
  }
}

void Serve(const Session& session, PushService& service, Answers& answers) {
  try {
    const http::HttpServer server(OptionsOf(session, service, answers), session.log());
    Announce(session, server);
    while (session.with().stop.Sleep(std::chrono::hours(1))) {
    }
  } catch (const std::invalid_argument& error) {
    throw Failure(std::string("--web.listen-address: ") + error.what());
  }
}

kafka::ProducerOptions OptionsOf(const config::SimProduce& settings) {
  kafka::ProducerOptions options;
  options.queue_records = static_cast<std::size_t>(settings.queue_records);
  options.timeout = settings.push.timeout;
  return options;
}

}  // namespace

int ServePush(const Session& session) {
  const Surroundings& with = session.with();
  const config::SimProduce& settings = session.settings().produce;
  TopicDirectory topics(with.make_client(session.cluster(), session.log()));
  const auto reached = topics.Has(session.settings().topic, with.steady_now(), session.Soon());
  if (!reached) {
    throw Failure(reached.error().message +
                  "; is --kafka.bootstrap-servers right, and does the cluster answer?");
  }
  Tally tally;
  const auto producer = with.make_producer(
      session.cluster(), OptionsOf(settings),
      [&tally](const kafka::Delivery& delivery) { tally.Count(delivery); }, session.log());
  const BackPressure back_pressure(settings.push.back_pressure, session.log());
  PushService service(session, *producer, tally, topics, back_pressure);
  Answers answers;
  const Deadline begun = with.steady_now();
  Serve(session, service, answers);
  producer->Flush(with.steady_now() + std::chrono::seconds(5));  // what nobody waits for any more
  const std::chrono::duration<double> seconds = with.steady_now() - begun;
  const PushReport report{tally.Total(), answers.Copy(), seconds.count()};
  with.out << (session.json() ? ToJson(report) : ToText(report)) << std::flush;
  return kExitDone;
}

}  // namespace backlogd::sim
