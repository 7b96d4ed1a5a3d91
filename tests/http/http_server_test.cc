#include "http/http_server.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "http/client.h"
#include "http/test_site.h"

namespace backlogd::http {
namespace {

Response Page(const Request& request) {
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.headers = {{"Vary", "Accept, Accept-Encoding"}, {"Content-Encoding", "identity"}};
  response.body = "accept=" + std::string(request.accept) +
                  " encoding=" + std::string(request.accept_encoding) + "\n";
  return response;
}

Response Unavailable(const Request&) { return {.status = 503, .body = "not ready\n"}; }
Response Empty(const Request&) { return {}; }
Response Throws(const Request&) { throw std::runtime_error("the secret reason"); }
Response ThrowsNumber(const Request&) { throw 42; }
Response BadHeader(const Request&) { return {.headers = {{"X-Bad", "a\r\nX-Injected: b"}}}; }

struct Site {
  RecordingLog log;
  StatusCounts answers;
  HttpServer server{{.listen_addresses = {"127.0.0.1:0"},
                     .routes = {{"/metrics", Page},
                                {"/-/ready", Unavailable},
                                {"/empty", Empty},
                                {"/throws", Throws},
                                {"/throws-number", ThrowsNumber},
                                {"/bad-header", BadHeader}},
                     .on_response = [this](int status) { answers.Add(status); }},
                    log};
  std::uint16_t port = server.ports().at(0);
};

TEST(HttpServer, AnswersGetWithTheHandlersResponse) {
  Site site;
  EXPECT_NE(site.port, 0);
  Client client(site.port);
  client.Send(
      "GET /metrics?name=x HTTP/1.1\r\nHost: a\r\nAccept: text/*\r\nACCEPT-encoding: gzip\r\n\r\n");
  const Reply reply = client.Receive();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "accept=text/* encoding=gzip\n");
  EXPECT_EQ(reply.Header("Content-Length"), "28");
  EXPECT_EQ(reply.Header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(reply.Header("Vary"), "Accept, Accept-Encoding");
  EXPECT_EQ(reply.Header("Content-Encoding"), "identity");
  EXPECT_EQ(reply.Header("X-Content-Type-Options"), "nosniff");
}

TEST(HttpServer, AnswersHeadWithoutTheBody) {
  Site site;
  Client client(site.port);
  const Reply head = client.Ask("HEAD /metrics");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("Content-Length"), "18");
  EXPECT_EQ(client.Ask("GET /metrics").body, "accept= encoding=\n") << "bytes between the answers";
}

TEST(HttpServer, AnswersByExactPath) {
  Site site;
  struct Case {
    const char* path;
    int status;
    const char* body;
  };
  Client client(site.port);  // kept alive over all of them
  for (const Case& c : {
           Case{"/metrics", 200, "accept= encoding=\n"},
           Case{"/metrics?", 200, "accept= encoding=\n"},
           Case{"/-/ready", 503, "not ready\n"},
           Case{"/empty", 200, ""},
           Case{"/", 404, "not found\n"},
           Case{"/metrics/", 404, "not found\n"},
           Case{"/metrics/foo", 404, "not found\n"},
           Case{"/metricsfoo", 404, "not found\n"},
           Case{"/Metrics", 404, "not found\n"},
           Case{"//metrics", 404, "not found\n"},
           Case{"/x/../metrics", 404, "not found\n"},
       }) {
    SCOPED_TRACE(c.path);
    const Reply reply = client.Ask(std::string("GET ") + c.path);
    EXPECT_EQ(reply.status, c.status);
    EXPECT_EQ(reply.body, c.body);
    EXPECT_EQ(reply.Header("X-Content-Type-Options"), "nosniff");
  }
}

TEST(HttpServer, RefusesOtherMethodsAndDiscardsTheirBodies) {
  Site site;
  const std::string large(3'000'000, 'x');
  Client client(site.port);
  for (const std::string& request : {
           std::string("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
           "PUT /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" + large,
           std::string("POST /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "5\r\nhello\r\n0\r\n\r\n"),
           std::string("DELETE /metrics HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("OPTIONS /metrics HTTP/1.1\r\nHost: a\r\n\r\n"),
       }) {
    SCOPED_TRACE(request.substr(0, 80));
    client.Send(request);
    const Reply reply = client.Receive();
    EXPECT_EQ(reply.status, 405);
    EXPECT_EQ(reply.Header("Allow"), "GET, HEAD");
    EXPECT_EQ(reply.body, "served here by: GET, HEAD\n");
  }
  EXPECT_EQ(client.Ask("GET /metrics").status, 200) << "the connection is not usable any more";
}

TEST(HttpServer, TakesAWholeUrlForItsPath) {
  Site site;
  Client client(site.port);
  for (const auto& [target, status] : std::map<std::string, int>{{"http://a/metrics", 200},
                                                                 {"https://a:1/metrics?x=/y", 200},
                                                                 {"http://a/nowhere", 404},
                                                                 {"http://a", 404},
                                                                 {"http:/metrics", 404},
                                                                 {"a/metrics", 404}}) {
    client.Send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.Receive().status, status) << target;
  }
}

TEST(HttpServer, HidesWhatAHandlerThrew) {
  Site site;
  for (const char* path : {"/throws", "/throws-number"}) {
    const Reply reply = Fetch(site.port, path);
    EXPECT_EQ(reply.status, 500);
    EXPECT_EQ(reply.body, "internal server error\n");
  }
  EXPECT_TRUE(site.log.Contains("a web page could not be made /throws the secret reason"));
  EXPECT_TRUE(site.log.Contains("a web page could not be made /throws-number"));
  EXPECT_EQ(Fetch(site.port, "/metrics").status, 200);
}

TEST(HttpServer, SendsNoHeaderThatBreaksTheAnswer) {
  Site site;
  EXPECT_EQ(Fetch(site.port, "/bad-header").status, 0);
  EXPECT_TRUE(site.log.Contains("not a valid response header: X-Bad"));
  EXPECT_EQ(Fetch(site.port, "/metrics").status, 200);
}

TEST(HttpServer, CountsEachAnswerOnce) {
  Site site;
  Client client(site.port);
  client.Ask("GET /metrics");
  client.Ask("HEAD /metrics");
  client.Ask("GET /-/ready");
  client.Ask("GET /nowhere");
  client.Ask("DELETE /metrics");
  client.Ask("GET /throws");
  const std::map<int, int> expected = {{200, 2}, {404, 1}, {405, 1}, {500, 1}, {503, 1}};
  EXPECT_EQ(site.answers.Copy(), expected);
}

TEST(HttpServer, NeedsNobodyToCountItsAnswers) {
  RecordingLog log;
  HttpServer server({.listen_addresses = {"127.0.0.1:0"}, .routes = {{"/", Empty}}}, log);
  EXPECT_EQ(Fetch(server.ports().at(0), "/").status, 200);
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  Site site;
  Client client(site.port);
  std::string requests;
  for (int i = 0; i < 500; ++i) {
    requests += "GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: " + std::to_string(i) + "\r\n\r\n";
  }
  client.Send(requests);
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(client.Receive().body, "accept=" + std::to_string(i) + " encoding=\n");
  }
}

TEST(HttpServer, ClosesWhenTheClientAsksForIt) {
  Site site;
  for (const char* request : {"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                              "GET /metrics HTTP/1.0\r\n\r\n"}) {
    Client client(site.port);
    client.Send(request);
    EXPECT_EQ(client.Receive().body, "accept= encoding=\n");
    EXPECT_TRUE(client.ReceivesEnd());
  }
}

TEST(HttpServer, RefusesAndLogsWhatIsNotHttp) {
  Site site;
  const std::string long_value(100'000, 'x');
  for (const std::string& request : {
           "GET /metrics HTTP/1.1\r\nHost: a\r\nX-Long: " + long_value + "\r\n\r\n",
           "GET /" + long_value + " HTTP/1.1\r\nHost: a\r\n\r\n",
           std::string("GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
           std::string("\x16\x03\x01\x02\r\n\r\n"),  // TLS
       }) {
    SCOPED_TRACE(request.substr(0, 60));
    Client client(site.port);
    try {
      client.Send(request);
    } catch (const std::system_error&) {
      // closed before all of it was sent
    }
    const int status = client.Receive().status;
    EXPECT_TRUE(status == 0 || (status >= 400 && status < 500)) << status;
  }
  EXPECT_TRUE(site.log.Contains("web server")) << "the library's own messages are lost";
  EXPECT_EQ(site.answers.Copy().count(200), 0U);
  EXPECT_EQ(Fetch(site.port, "/metrics").status, 200);
}

}  // namespace
}  // namespace backlogd::http
