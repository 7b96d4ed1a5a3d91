#include <gtest/gtest.h>

#include <stdexcept>

#include "http/http_server.h"

namespace backlogd::http {
namespace {

TEST(ParseListenAddress, ReadsHostAndPort) {
  struct Case {
    const char* text;
    const char* host;
    int port;
  };
  for (const Case& c : {
           Case{":12092", "", 12092},
           Case{":0", "", 0},
           Case{"127.0.0.1:0", "127.0.0.1", 0},
           Case{"0.0.0.0:65535", "0.0.0.0", 65535},
           Case{"localhost:80", "localhost", 80},
           Case{"kafka-1.example_net:80", "kafka-1.example_net", 80},
           Case{"[::1]:9100", "::1", 9100},
           Case{"[::]:9100", "::", 9100},
           Case{"[fe80::1%eth0]:9100", "fe80::1%eth0", 9100},
           Case{"[::ffff:127.0.0.1]:9100", "::ffff:127.0.0.1", 9100},
       }) {
    SCOPED_TRACE(c.text);
    const ListenAddress address = ParseListenAddress(c.text);
    EXPECT_EQ(address.host, c.host);
    EXPECT_EQ(address.port, c.port);
  }
}

TEST(ParseListenAddress, SaysWhatIsWrong) {
  const std::string bad_port = "the port must be a number from 0 to 65535";
  struct Case {
    const char* text;
    std::string why;
  };
  for (const Case& c : {
           Case{"", "no port"},
           Case{"9100", "no port"},
           Case{"localhost", "no port"},
           Case{"[::1]", "no port"},
           Case{":", bad_port},
           Case{"host:", bad_port},
           Case{":99999", bad_port},
           Case{":-1", bad_port},
           Case{":+1", bad_port},
           Case{": 80", bad_port},
           Case{":80 ", bad_port},
           Case{":http", bad_port},
           Case{"[::1]9100", bad_port},
           Case{"[::1", "no ']' before the port"},
           Case{"[::1:9100", "no ']' before the port"},
           Case{"[]:9100", "no IPv6 address between the brackets"},
           Case{"[127.0.0.1]:9100", "no IPv6 address between the brackets"},
           Case{"[:9100", "no ']' before the port"},
           Case{"::1:9100", "an IPv6 address needs brackets"},
           Case{":::9100", "an IPv6 address needs brackets"},
           Case{"http://localhost:9100", "this is no host name"},
           Case{"a b:9100", "this is no host name"},
           Case{"*:9100", "this is no host name"},
       }) {
    SCOPED_TRACE(c.text);
    try {
      ParseListenAddress(c.text);
      ADD_FAILURE() << "accepted";
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(error.what(), "listen address \"" + std::string(c.text) + "\": " + c.why +
                                  "; write host:port, [IPv6 address]:port, or :port for all "
                                  "addresses");
    }
  }
}

}  // namespace
}  // namespace backlogd::http
