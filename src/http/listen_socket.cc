#include "http/listen_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "http/http_server.h"

namespace backlogd::http {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

[[noreturn]] void Fail(const std::string& address, std::string_view cause,
                       std::string_view remedy) {
  throw std::runtime_error("cannot listen on " + address + ": " + std::string(cause) + "; " +
                           std::string(remedy));
}

std::string_view RemedyFor(int error) {
  switch (error) {
    case EADDRINUSE: return "stop the other program or choose another --web.listen-address";
    case EACCES: return "choose a port from 1024 up, or grant CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL: return "choose an address of this machine as --web.listen-address";
    case EMFILE: return "raise the limit of open files";
    default: return "choose another --web.listen-address";
  }
}

AddressList Resolve(const std::string& text, const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const char* host = address.host.empty() ? nullptr : address.host.c_str();
  const std::string port = std::to_string(address.port);
  const int error = getaddrinfo(host, port.c_str(), &hints, &found);
  if (error == EAI_SYSTEM) Fail(text, std::generic_category().message(errno), RemedyFor(errno));
  if (error != 0) Fail(text, gai_strerror(error), "choose an address of this machine");
  return {found, &freeaddrinfo};
}

std::vector<const addrinfo*> InOrder(const addrinfo* list, int first_family) {
  std::vector<const addrinfo*> addresses;
  for (; list != nullptr; list = list->ai_next) addresses.push_back(list);
  std::stable_partition(addresses.begin(), addresses.end(),
                        [=](const addrinfo* a) { return a->ai_family == first_family; });
  return addresses;
}

// 0, or the errno of the step that failed.
int ListenOn(int fd, const addrinfo& where) {
  const int yes = 1;
  const int no = 0;
  // Without SO_REUSEADDR a restart has to wait for the old connections' TIME_WAIT to end.
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0) return errno;
  if (where.ai_family == AF_INET6 &&
      setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) != 0) {
    return errno;
  }
  if (bind(fd, where.ai_addr, where.ai_addrlen) != 0) return errno;
  return listen(fd, SOMAXCONN) == 0 ? 0 : errno;
}

// A listening socket, or -1 and the errno.
std::pair<int, int> Open(const addrinfo& where) {
  const int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
  const int fd = socket(where.ai_family, type, where.ai_protocol);
  if (fd < 0) return {-1, errno};
  const int error = ListenOn(fd, where);
  if (error == 0) return {fd, 0};
  close(fd);
  return {-1, error};
}

bool IsFamilyMissing(int error) { return error == EAFNOSUPPORT || error == EADDRNOTAVAIL; }

std::uint16_t PortOf(int fd) {
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) != 0) return 0;
  if (bound.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&bound)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&bound)->sin_port);
}

}  // namespace

ListenSocket::ListenSocket(const std::string& address) {
  const ListenAddress parsed = ParseListenAddress(address);
  const AddressList found = Resolve(address, parsed);
  int error = EADDRNOTAVAIL;
  // All addresses: [::] serves IPv4 too. The next one is tried only where this machine lacks the
  // IP version; any other error is the operator's to know.
  for (const addrinfo* where : InOrder(found.get(), parsed.host.empty() ? AF_INET6 : AF_INET)) {
    std::tie(fd_, error) = Open(*where);
    if (!IsFamilyMissing(error)) break;
  }
  if (error != 0) Fail(address, std::generic_category().message(error), RemedyFor(error));
  port_ = PortOf(fd_);
}

ListenSocket::~ListenSocket() {
  if (fd_ >= 0) close(fd_);
}

int ListenSocket::Release() { return std::exchange(fd_, -1); }

}  // namespace backlogd::http
