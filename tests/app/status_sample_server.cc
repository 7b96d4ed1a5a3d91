// The status page of 5,000 made-up groups, for a browser: serves until its input ends. Every status
// and cause, names as long and hostile as Kafka lets them be, an hour of history. No Kafka.

#include <exception>
#include <iostream>

#include "app/clock.h"
#include "app/status_routes.h"
#include "http/http_server.h"
#include "status/sample_view.h"

namespace backlogd {
namespace {

constexpr std::size_t kGroups = 5'000;

class NoLog : public Log {
 public:
  void Write(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

analysis::DeadLetterReport Queue(const std::string& name) {
  analysis::DeadLetterReport queue;
  queue.source_topic = queue.group = name;
  queue.convention = "spring";
  queue.retained = queue.records = 1'234'567;
  queue.expired = 0;
  queue.pending = {{name, 7}, {"fixer", 1'234'567}};
  queue.oldest = status::kNow;
  queue.classified = {{name, {1, 2, 3, 4, 5, 6}}};
  return queue;
}

std::shared_ptr<analysis::LagReport> ReportAt(int minutes_ago, const std::string& name) {
  auto report = status::SampleReport(kGroups);
  report->taken_at = report->data_time = app::WallNow() - std::chrono::minutes(minutes_ago);
  for (std::size_t i = 0; i < report->groups.size(); ++i) {
    analysis::GroupReport& group = report->groups[i];
    group.lag_ms += std::int64_t{60'000} * (minutes_ago % 7);
    if (group.cause) group.cause = static_cast<analysis::Cause>(i % analysis::kCauseCount);
  }
  report->groups.back().name = name;
  report->groups.back().status.reset();
  report->groups[kGroups - 2].inflow = report->groups[kGroups - 2].inflow_baseline = 1'234'567.5;
  report->topics[0].name = "t" + std::string(248, 'x');
  report->dead_letters = {Queue(name)};
  report->failures = {{snapshot::Step::kMetadata, ErrorKind::kTimeout, 2, name}};
  report->steps[0] = {true, true, std::chrono::milliseconds(20)};
  report->steps[1] = {true, false, std::chrono::milliseconds(20)};
  return report;
}

int Serve() {
  const std::string name = status::kHostile + std::string(229, 'W');
  status::Board board({"east", "c" + std::string(200, 'c')});
  for (int minute = 59; minute >= 0; --minute) {
    board.Publish(0, ReportAt(minute, name), std::chrono::milliseconds(125));
  }
  http::ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  options.routes = app::StatusRoutes({{}, "/metrics"}, {"1.2.3", "abc"}, board);
  NoLog log;
  const http::HttpServer server(options, log);
  std::cout << server.ports().at(0) << std::endl;
  while (std::cin.get() != std::char_traits<char>::eof()) {
  }
  return 0;
}

}  // namespace
}  // namespace backlogd

int main() {
  try {
    return backlogd::Serve();
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
