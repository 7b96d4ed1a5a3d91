#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/config.h"
#include "config/web_config.h"
#include "fuzz/input.h"

// Whatever a web configuration holds: it is refused by a ConfigError, or every value of it can be
// used.
namespace {

using namespace backlogd::config;  // NOLINT(google-build-using-namespace)
using backlogd::fuzz::Require;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const WebConfig web = ParseWebConfig({reinterpret_cast<const char*>(data), size}, "web.yml");
    for (const auto& [user, hash] : web.users) {
      Require(!user.empty() && user.find(':') == user.npos && hash.size() == 60);
    }
    for (const auto& [name, value] : web.headers) {
      Require(!value.empty() && value.find_first_of("\r\n") == value.npos);
    }
    Require(web.rate_limit.interval.count() <= 0 || web.rate_limit.burst > 0);
    if (web.tls) Require(web.tls->min_version <= web.tls->max_version);
  } catch (const ConfigError& error) {
    Require(std::string_view(error.what()).starts_with("web.yml"));
  }
  return 0;
}
