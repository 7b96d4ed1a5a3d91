#include "http/connections.h"

#include <sys/socket.h>

#include <iterator>
#include <utility>

namespace backlogd::http {
namespace {

constexpr std::chrono::milliseconds kWatchInterval{200};

}  // namespace

Connections::Connections(const Limits& limits) : limits_(limits) {
  thread_ = std::thread([this] { Watch(); });
}

Connections::~Connections() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    ended_.notify_all();
  }
  thread_.join();
}

Connections::Handle Connections::Add(int socket, std::shared_ptr<const TlsCredentials> tls) {
  const std::lock_guard lock(mutex_);
  if (count_ >= limits_.count) ShutDownOne();
  std::list<Connection>& fresh = In(Phase::kNew);
  fresh.push_back({socket, Phase::kNew, DeadlineIn(Phase::kNew), std::move(tls)});
  ++count_;
  return std::prev(fresh.end());
}

void Connections::Enter(Handle connection, Phase phase) {
  const std::lock_guard lock(mutex_);
  if (connection->socket < 0) return;
  In(phase).splice(In(phase).end(), In(connection->phase), connection);
  connection->phase = phase;
  connection->deadline = DeadlineIn(phase);
}

void Connections::Remove(Handle connection) {
  const std::lock_guard lock(mutex_);
  if (connection->socket < 0) {
    shut_down_.erase(connection);
    return;
  }
  In(connection->phase).erase(connection);
  --count_;
}

std::list<Connection>& Connections::In(Phase phase) {
  return open_.at(static_cast<std::size_t>(phase));
}

Connections::Clock::time_point Connections::DeadlineIn(Phase phase) const {
  switch (phase) {
    case Phase::kNew: return Clock::now() + limits_.head;
    case Phase::kIdle: return Clock::now() + limits_.idle;
    case Phase::kReading: return Clock::now() + limits_.body;
    case Phase::kSending: return Clock::now() + limits_.send;
    case Phase::kAnswering: break;  // that time is ours
  }
  return Clock::time_point::max();
}

// Whoever serves the connection sees its end and removes it.
void Connections::ShutDown(Handle connection) {
  shutdown(connection->socket, SHUT_RDWR);
  connection->socket = -1;
  shut_down_.splice(shut_down_.end(), In(connection->phase), connection);
  --count_;
}

void Connections::ShutDownOne() {
  for (const Phase phase : {Phase::kNew, Phase::kIdle, Phase::kReading, Phase::kSending}) {
    if (In(phase).empty()) continue;
    ShutDown(In(phase).begin());
    return;
  }
}

void Connections::ShutDownLate() {
  const Clock::time_point now = Clock::now();
  for (std::list<Connection>& phase : open_) {
    while (!phase.empty() && phase.front().deadline <= now) ShutDown(phase.begin());
  }
}

void Connections::Watch() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    ended_.wait_for(lock, kWatchInterval);
    ShutDownLate();
  }
}

}  // namespace backlogd::http
