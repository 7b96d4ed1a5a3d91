#include <gtest/gtest.h>

#include "deadletters/reason_case.h"

// Reasons of errors that are nothing but a text.
namespace backlogd::deadletters {
namespace {

struct GoCase {
  const char* message;
  Reason expected;
};

// Watermill says nothing but the error's text.
TEST(ReasonOfAText, IsToldByTheTextsOfGo) {
  const GoCase cases[] = {
      {"send mail: unexpected status 403 Forbidden", kPermission},
      {"send mail: unexpected status 401 Unauthorized", kPermission},
      {"server returned HTTP status 403", kPermission},
      {"open /etc/mail/key.pem: permission denied", kPermission},
      {"mkdir /var/spool/mail: operation not permitted", kPermission},
      {"pq: permission denied for table mails", kPermission},
      {"pq: password authentication failed for user \"shop\"", kPermission},
      {"FATAL: password authentication failed for user \"shop\" (SQLSTATE 28P01)", kPermission},
      {"Error 1045 (28000): Access denied for user 'shop'@'localhost' (using password: YES)",
       kPermission},
      {"Error 1142 (42000): SELECT command denied to user 'shop'@'localhost' for table 'mails'",
       kPermission},
      {"kafka server: The client is not authorized to access this topic", kPermission},
      {"kafka server: SASL Authentication failed", kPermission},
      {"535 5.7.8 Error: authentication failed: bad password", kPermission},
      {"535 5.7.8 Username and Password not accepted", kPermission},
      {"oauth2: \"invalid_grant\" \"token expired\"", kPermission},
      {"rpc error: code = PermissionDenied desc = caller may not send", kPermission},
      {"rpc error: code = Unauthenticated desc = no credentials", kPermission},
      {"token is expired by 3m", kPermission},
      {"caller lacks role MAIL_SEND", kPermission},
      {"ssh: handshake failed: ssh: unable to authenticate, attempted methods [none password]",
       kPermission},
      {"AccessDenied: Access Denied\n\tstatus code: 403, request id: 9Z", kPermission},

      {"send mail: context deadline exceeded", kTimeout},
      {"Get \"http://mail.internal/send\": context deadline exceeded (Client.Timeout exceeded "
       "while awaiting headers)",
       kTimeout},
      {"Post \"http://mail.internal/send\": net/http: request canceled (Client.Timeout exceeded "
       "while awaiting headers)",
       kTimeout},
      {"dial tcp 10.255.255.1:25: i/o timeout", kTimeout},
      {"read tcp 127.0.0.1:4711->127.0.0.1:25: i/o timeout", kTimeout},
      {"dial tcp 10.255.255.1:25: connect: connection timed out", kTimeout},
      {"net/http: TLS handshake timeout", kTimeout},
      {"pq: canceling statement due to lock timeout", kTimeout},
      {"pq: canceling statement due to statement timeout", kTimeout},
      {"ERROR: canceling statement due to lock timeout (SQLSTATE 55P03)", kTimeout},
      {"Error 1205 (HY000): Lock wait timeout exceeded; try restarting transaction", kTimeout},
      {"rpc error: code = DeadlineExceeded desc = context deadline exceeded", kTimeout},
      {"kafka server: Request exceeded the user-specified time limit in the request", kTimeout},
      {"mail server: unexpected status 504 Gateway Timeout", kTimeout},
      {"read unix @->/run/mail.sock: i/o timeout", kTimeout},
      {"http: Handler timeout", kTimeout},

      {"mail server: dial tcp 127.0.0.1:41855: connect: connection refused", kRetries},
      {"dial tcp: lookup mail.internal on 10.0.0.2:53: no such host", kRetries},
      {"dial tcp 10.0.0.7:25: connect: no route to host", kRetries},
      {"dial tcp 10.0.0.7:25: connect: network is unreachable", kRetries},
      {"read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer", kRetries},
      {"write tcp 127.0.0.1:1->127.0.0.1:2: write: broken pipe", kRetries},
      {"send mail: unexpected status 503 Service Unavailable", kRetries},
      {"send mail: unexpected status 429 Too Many Requests", kRetries},
      {"send mail: unexpected status 500 Internal Server Error", kRetries},
      {"send mail: unexpected status 502", kRetries},
      {"421 4.7.0 Try again later, closing connection", kRetries},
      {"451 4.3.2 Please try again later", kRetries},
      {"pq: sorry, too many clients already", kRetries},
      {"pq: deadlock detected", kRetries},
      {"database is locked (5) (SQLITE_BUSY)", kRetries},
      {"rpc error: code = Unavailable desc = connection error", kRetries},
      {"rpc error: code = ResourceExhausted desc = slow down", kRetries},
      {"kafka: client has run out of available brokers to talk to: EOF", kRetries},
      {"circuit breaker is open", kRetries},
      {"mail pool is full", kRetries},
      {"mail queue is full", kRetries},
      {"mail server busy", kRetries},
      {"driver: bad connection", kRetries},
      {"send mail: giving up after 3 attempts", kRetries},
      {"use of closed network connection", kRetries},
      {"unexpected EOF", kUnknown},
      {"EOF", kUnknown},

      {"read mail: unexpected end of JSON input", kFormat},
      {"read mail: invalid character 'x' looking for beginning of value", kFormat},
      {"invalid character '\\x00' looking for beginning of object key string", kFormat},
      {"invalid character '}' after object key", kFormat},
      {"json: cannot unmarshal string into Go struct field Mail.quantity of type int", kFormat},
      {"json: cannot unmarshal object into Go value of type main.Mail", kFormat},
      {"json: unknown field \"to\"", kFormat},
      {"strconv.Atoi: parsing \"12 EUR\": invalid syntax", kFormat},
      {"strconv.ParseInt: parsing \"99999999999999999999\": value out of range", kFormat},
      {"parsing time \"22/11/2026\" as \"2006-01-02\": cannot parse \"22/11/2026\" as \"2006\"",
       kFormat},
      {"proto: cannot parse invalid wire-format data", kFormat},
      {"proto: syntax error (line 1:1): unexpected token x", kFormat},
      {"xml: unsupported version \"2.0\"", kFormat},
      {"XML syntax error on line 1: unexpected EOF", kFormat},
      {"yaml: line 2: mapping values are not allowed in this context", kFormat},
      {"illegal base64 data at input byte 4", kFormat},
      {"invalid UUID length: 2", kFormat},
      {"gzip: invalid header", kFormat},
      {"mail: missing '@' or angle-addr", kUnknown},
      {"asn1: structure error: tags don't match", kFormat},
      {"invalid UTF-8 in field to", kFormat},
      {"msgpack: invalid code=c1 decoding map length", kFormat},
      {"avro: read int: unexpected EOF", kUnknown},
      {"interface conversion: interface {} is string, not float64", kUnknown},

      {"send mail: unexpected status 422 Unprocessable Entity", kBusiness},
      {"send mail: unexpected status 400 Bad Request", kBusiness},
      {"send mail: unexpected status 404 Not Found", kBusiness},
      {"quantity has to be positive", kBusiness},
      {"quantity must be greater than 0", kBusiness},
      {"insufficient stock for item 7", kBusiness},
      {"Key: 'Mail.To' Error:Field validation for 'To' failed on the 'email' tag", kBusiness},
      {"pq: duplicate key value violates unique constraint \"mails_pkey\"", kBusiness},
      {"UNIQUE constraint failed: mails.id", kBusiness},
      {"Error 1062 (23000): Duplicate entry '7' for key 'PRIMARY'", kBusiness},
      {"rpc error: code = InvalidArgument desc = bad quantity", kBusiness},
      {"rpc error: code = FailedPrecondition desc = closed", kBusiness},
      {"rpc error: code = NotFound desc = mail 7", kBusiness},
      {"customer 7 is blocked", kBusiness},
      {"order 7 is already cancelled", kBusiness},
      {"sql: no rows in result set", kUnknown},

      {"oops", kUnknown},
      {"context canceled", kUnknown},
      {"runtime error: index out of range [5] with length 3", kUnknown},
      {"runtime error: invalid memory address or nil pointer dereference", kUnknown},
      {"panic occurred: runtime error: integer divide by zero, stacktrace: \ngoroutine 7",
       kUnknown},
      {"assignment to entry in nil map", kUnknown},
      {"no space left on device", kUnknown},
      {"too many open files", kUnknown},
      {"not implemented", kUnknown},
  };
  for (const auto& [message, expected] : cases) {
    EXPECT_EQ(ToText(ReasonOf(Poisoned(message))), ToText(expected)) << message;
  }
}

// Words and numbers that mean something else here.
TEST(ReasonOfAText, IsNotGuessedFromWordsAround) {
  const char* const messages[] = {
      "response of 504 bytes",
      "returned 404 items",
      "status 4031",
      "batch 403 of 500",
      "item 422 was odd",
      "port 401 odd",
      "took 408 ms",
      "sum of 400.00 EUR",
      "the timeline is odd",
      "overtime is odd",
      "customer permits nothing",
      "retry is odd",
      "format is odd",
      "the lock is odd",
      "state: CLOSED",
      "loan request denied",
      "Cannot read field \"timeout\" because \"<local4>\" is null",
      "org.example.shop.Odd$Thing@1b2c3d",
      "\xC3\xA9\xC3\xA0 n'est pas l\xC3\xA0",
      "null",
      "-1",
      "{}",
  };
  for (const char* message : messages) {
    EXPECT_EQ(ToText(ReasonOf(Poisoned(message))), "unknown") << message;
    EXPECT_EQ(ToText(ReasonOf(Spring("shop.OddException", message))), "unknown") << message;
  }
}

}  // namespace
}  // namespace backlogd::deadletters
