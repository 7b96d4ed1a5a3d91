#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "http/client.h"
#include "http/test_site.h"

namespace backlogd::http {
namespace {

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F) {
      text += c;
    } else {
      text += {'<', kDigits[byte >> 4], kDigits[byte & 15], '>'};
    }
  }
  return text;
}

Response Echo(const Request& request) {
  Response response;
  for (const auto& [name, value] : request.query) {
    response.body += Hex(name) + "=" + Hex(value) + ";";
  }
  return response;
}

Response Missing(const Request&) { return {.status = 404, .body = "none of ours\n"}; }

struct Site {
  RecordingLog log;
  HttpServer server{{.listen_addresses = {"127.0.0.1:0"},
                     .routes = {{"/q", Echo}},
                     .missing = {{"/api/", Missing}}},
                    log};
  std::uint16_t port = server.ports().at(0);
};

TEST(Query, IsDecodedToAnyBytes) {
  struct Case {
    const char* query;
    const char* expected;
  };
  Site site;
  for (const Case& c : {
           Case{"", ""},
           Case{"?a=1&b=2", "a=1;b=2;"},
           Case{"?a%20b=c%26d%3De", "a<20>b=c&d=e;"},
           Case{"?a=x+y&b=x%2By", "a=x<20>y;b=x+y;"},
           Case{"?a=%e6%B6%88", "a=<E6><B6><88>;"},
           Case{"?a=1&a=2&a", "a=1;a=2;a=;"},
           Case{"?a=&b", "a=;b=;"},
           Case{"?a=b=c", "a=b=c;"},
           Case{"?a=x%00y", "a=x<00>y;"},
           Case{"?a=%FF%C3", "a=<FF><C3>;"},
           Case{"?a=%zz&b=%4&c=%", "a=%zz;b=%4;c=%;"},
       }) {
    const Reply reply = Fetch(site.port, std::string("/q") + c.query);
    EXPECT_EQ(reply.status, 200) << c.query;
    EXPECT_EQ(reply.body, c.expected) << c.query;
  }
}

TEST(Missing, IsAnsweredByItsPrefix) {
  Site site;
  EXPECT_EQ(Fetch(site.port, "/api/x").body, "none of ours\n");
  EXPECT_EQ(Fetch(site.port, "/api").body, "not found\n");
  EXPECT_EQ(Fetch(site.port, "/x").status, 404);
}

}  // namespace
}  // namespace backlogd::http
