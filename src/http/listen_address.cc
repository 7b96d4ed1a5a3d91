#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>

#include "http/http_server.h"

namespace backlogd::http {
namespace {

[[noreturn]] void Refuse(std::string_view text, std::string_view why) {
  throw std::invalid_argument("listen address \"" + std::string(text) + "\": " + std::string(why) +
                              "; write host:port, [IPv6 address]:port, or :port for all addresses");
}

std::optional<std::uint16_t> ParsePort(std::string_view digits) {
  std::uint16_t port = 0;
  const char* begin = digits.data();
  const char* end = begin + digits.size();
  const auto [rest, error] = std::from_chars(begin, end, port);
  if (error != std::errc() || rest != end) return std::nullopt;
  return port;
}

bool IsIpv6(std::string_view host) {
  const std::string address(host.substr(0, host.find('%')));  // without the zone: fe80::1%eth0
  in6_addr parsed;
  return inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

bool IsHostName(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

std::string ParseHost(std::string_view host, std::string_view text) {
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) Refuse(text, "no ']' before the port");
    host = host.substr(1, host.size() - 2);
    if (!IsIpv6(host)) Refuse(text, "no IPv6 address between the brackets");
  } else if (IsIpv6(host)) {
    Refuse(text, "an IPv6 address needs brackets");
  } else if (!IsHostName(host)) {
    Refuse(text, "this is no host name");
  }
  return std::string(host);
}

}  // namespace

ListenAddress ParseListenAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || text.ends_with(']')) Refuse(text, "no port");
  const std::optional<std::uint16_t> port = ParsePort(text.substr(colon + 1));
  if (!port) Refuse(text, "the port must be a number from 0 to 65535");
  return {ParseHost(text.substr(0, colon), text), *port};
}

}  // namespace backlogd::http
