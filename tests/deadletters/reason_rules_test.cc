#include <gtest/gtest.h>
#include <re2/re2.h>

#include <memory>

#include "deadletters/classify_rules.h"
#include "deadletters/reason_case.h"

namespace backlogd::deadletters {
namespace {

struct MessageCase {
  const char* message;
  Reason expected;
};

TEST(Reason, OfMessagesByThemselves) {
  const MessageCase cases[] = {
      {"Topic absent-topic not present in metadata after 400 ms.", kTimeout},
      {"took 403 ms", kUnknown},
      {"order 404 of customer 422", kUnknown},
      {"page 500 of 503", kUnknown},
      {"403 Forbidden: [no body]", kPermission},
      {"HTTP/1.1 401", kPermission},
      {"Response status code does not indicate success: 404 (Not Found).", kBusiness},
      {"GET http://stock/items answered 503", kRetries},
      {"status=429", kRetries},
      {"invalid timeout value", kUnknown},
      {"settimeouts", kUnknown},
      {"dial tcp 10.0.0.1:443: i/o timeout", kTimeout},
      {"Lock wait timeout exceeded; try restarting transaction", kTimeout},
      {"ORA-00054: resource busy", kRetries},
      {"dial tcp: lookup db on 10.0.0.2:53: no such host", kRetries},
      {"rpc error: code = PermissionDenied desc = permission denied", kPermission},
      {"PERMISSION_DENIED: caller", kPermission},
      {"DEADLINE_EXCEEDED: after 5s", kTimeout},
      {"quantity 3 is not allowed to be sold", kBusiness},
      {"user is not allowed to access orders", kPermission},
      {"Unrecognized token 'abc': was expecting JSON", kFormat},
      {"json: cannot unmarshal string into Go struct field", kFormat},
      {"invalid character '}' looking for beginning of value", kFormat},
      {"duplicate key value violates unique constraint \"orders_pkey\"", kBusiness},
      {"customer 12 not found", kBusiness},
      {"class a.B not found", kUnknown},
      {"Schema 5 not found", kFormat},
      {"gave up after 5 attempts", kRetries},
      {"gave up after 5 attempts: 403 response: access denied", kPermission},
      {"Cannot read properties of undefined (reading 'timed out')", kUnknown},
      {"runtime error: invalid memory address or nil pointer dereference", kUnknown},
      {"prohibited", kUnknown},
  };
  for (const auto& [message, expected] : cases) {
    EXPECT_EQ(ToText(ReasonOf(Poisoned(message))), ToText(expected)) << message;
  }
}

TEST(Reason, OfClassesByThemselves) {
  const MessageCase cases[] = {
      {"org.apache.kafka.common.errors.SaslAuthenticationException", kPermission},
      {"com.amazonaws.services.x.model.AccessDeniedException", kPermission},
      {"org.apache.kafka.common.errors.TimeoutException", kTimeout},
      {"java.net.http.HttpTimeoutException", kTimeout},
      {"shop.TimeoutListener", kUnknown},
      {"io.github.resilience4j.circuitbreaker.CallNotPermittedException", kRetries},
      {"java.util.concurrent.RejectedExecutionException", kRetries},
      {"shop.OrderRejectedException", kBusiness},
      {"java.net.BindException", kRetries},
      {"org.springframework.validation.BindException", kBusiness},
      {"*json.SyntaxError", kFormat},
      {"JSON::ParserError", kFormat},
      {"System.FormatException", kFormat},
      {"google.protobuf.message.DecodeError", kFormat},
      {"tools.jackson.databind.exc.MismatchedInputException", kFormat},
      {"jakarta.persistence.EntityNotFoundException", kBusiness},
      {"java.util.NoSuchElementException", kBusiness},
      {"java.lang.OutOfMemoryError", kUnknown},
      {"java.lang.RuntimeException", kUnknown},
      {"io.github.resilience4j.retry.MaxRetriesExceededException", kRetries},
      {"shop.CurrencyConversionException", kUnknown},
  };
  for (const auto& [type, expected] : cases) {
    EXPECT_EQ(ToText(ReasonOf({{"dlq.error.class", type}})), ToText(expected)) << type;
  }
}

TEST(Reason, IsTheOperatorsIfTheOperatorSaysSo) {
  const auto pattern = [](const char* text) { return std::make_shared<const re2::RE2>(text); };
  const std::vector<ReasonRule> rules = {
      {pattern("^shop\\.Odd"), nullptr, kBusiness},
      {nullptr, pattern("(?i)quota"), kPermission},
      {pattern("TimeoutException$"), pattern("never"), kUnknown},
  };
  EXPECT_EQ(ReasonOf(Spring("shop.OddException", "odd"), rules), kBusiness);
  EXPECT_EQ(ReasonOf(Spring("shop.OddException", "quota"), rules), kBusiness);
  EXPECT_EQ(ReasonOf(Poisoned("over QUOTA: timed out"), rules), kPermission);
  EXPECT_EQ(ReasonOf(Spring("a.TimeoutException", "as never before"), rules), kUnknown);
  EXPECT_EQ(ReasonOf(Spring("a.TimeoutException", "x"), rules), kTimeout);
  EXPECT_EQ(ReasonOf(Poisoned("never: timed out"), rules), kTimeout);
  EXPECT_EQ(ReasonOf(Poisoned("timed out"), rules), kTimeout);
  // Of a pattern that never compiled nothing is heard.
  const auto unfinished = std::make_shared<const re2::RE2>("(", re2::RE2::Quiet);
  const std::vector<ReasonRule> broken = {{unfinished, nullptr, kFormat}};
  EXPECT_EQ(ReasonOf(Spring("shop.OddException", "odd"), broken), kUnknown);
}

TEST(Reason, HasAWordThatReadsBack) {
  for (const Reason reason : {kRetries, kFormat, kBusiness, kTimeout, kPermission, kUnknown}) {
    EXPECT_EQ(ParseReason(ToText(reason)), reason);
  }
  EXPECT_EQ(ParseReason("Format"), std::nullopt);
  EXPECT_EQ(ToText(kRetries), "retries_exhausted");
}

TEST(Rules, Compile) { EXPECT_TRUE(RulesAreValid()); }

}  // namespace
}  // namespace backlogd::deadletters
