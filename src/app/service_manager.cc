#include "app/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <utility>

namespace backlogd::app {
namespace {

std::string TakeVariable(const char* name) {
  const char* value = std::getenv(name);
  std::string taken = value == nullptr ? "" : value;
  unsetenv(name);
  return taken;
}

// Absent unless the whole text is a number above 0.
std::optional<std::int64_t> ToNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number <= 0) return std::nullopt;
  return number;
}

// As systemd demands it beside RELOADING=1.
std::string MonotonicMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::to_string(static_cast<std::int64_t>(now.tv_sec) * 1000000 + now.tv_nsec / 1000);
}

void GiveSigns(const ServiceManager& manager, std::chrono::microseconds every,
               const std::function<bool()>& alive, const std::stop_token& stop) {
  const auto again = std::min<std::chrono::microseconds>(every / 4, std::chrono::seconds(1));
  std::mutex mutex;  // nobody else holds it: only a stop ends the wait early
  std::condition_variable_any condition;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    const bool lives = alive();
    if (lives) manager.Watchdog();
    condition.wait_for(lock, stop, lives ? every : again, [] { return false; });
  }
}

}  // namespace

ServiceManager ServiceManager::FromEnvironment() {
  std::string socket = TakeVariable("NOTIFY_SOCKET");
  const std::optional<std::int64_t> time = ToNumber(TakeVariable("WATCHDOG_USEC"));
  const std::string pid = TakeVariable("WATCHDOG_PID");
  const bool ours = pid.empty() || pid == std::to_string(getpid());
  if (!time || !ours) return {std::move(socket), std::nullopt};
  return {std::move(socket), std::chrono::microseconds(*time)};
}

ServiceManager::ServiceManager(std::string socket,
                               std::optional<std::chrono::microseconds> watchdog)
    : socket_(std::move(socket)), watchdog_(socket_.empty() ? std::nullopt : watchdog) {}

void ServiceManager::Ready() const { Tell("READY=1"); }
void ServiceManager::Reloading() const {
  Tell("RELOADING=1\nMONOTONIC_USEC=" + MonotonicMicroseconds());
}
void ServiceManager::Stopping() const { Tell("STOPPING=1"); }
void ServiceManager::Watchdog() const { Tell("WATCHDOG=1"); }

// A message that cannot be delivered is lost: whoever does not listen does not want to know.
void ServiceManager::Tell(const std::string& what) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.size() < 2 || socket_.size() >= sizeof(address.sun_path)) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const std::size_t length = offsetof(sockaddr_un, sun_path) + socket_.size();
  sendto(fd, what.data(), what.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
         reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length));
  close(fd);
}

SignsOfLife::SignsOfLife(const ServiceManager& manager, std::function<bool()> alive) {
  if (!manager.watchdog()) return;
  thread_ = std::jthread([&manager, alive = std::move(alive)](const std::stop_token& stop) {
    GiveSigns(manager, *manager.watchdog() / 2, alive, stop);
  });
}

}  // namespace backlogd::app
