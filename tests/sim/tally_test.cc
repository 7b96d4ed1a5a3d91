#include "sim/tally.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <optional>

namespace backlogd::sim {
namespace {

using namespace std::chrono_literals;

Deadline In(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

kafka::Delivery Of(std::uint64_t tag, std::optional<ErrorKind> error = {}) {
  kafka::Delivery delivery;
  delivery.tag = tag;
  if (error) delivery.error = Error{*error, "because"};
  delivery.latency = 3ms;
  return delivery;
}

TEST(Tally, TellsWhatBecameOfABatch) {
  Tally tally;
  const std::uint64_t batch = tally.Open();
  const std::uint64_t other = tally.Open();
  for (int i = 0; i < 6; ++i) tally.Expect(batch);
  tally.Expect(other);
  tally.TakeBack(batch);
  tally.Count(Of(batch));
  tally.Count(Of(batch));
  tally.Count(Of(batch, ErrorKind::kUnauthorized));
  tally.Count(Of(batch, ErrorKind::kTimeout));
  const Outcome outcome = tally.Close(batch, In(1ms));
  EXPECT_EQ(outcome.accepted, 5U);
  EXPECT_EQ(outcome.acknowledged, 2U);
  EXPECT_EQ(outcome.failed, 1U);
  EXPECT_EQ(outcome.unknown, 2U);
  EXPECT_EQ(outcome.error, "because");
}

TEST(Tally, WaitsForTheLastDelivery) {
  Tally tally;
  const std::uint64_t batch = tally.Open();
  tally.Expect(batch);
  auto closed = std::async(std::launch::async, [&] { return tally.Close(batch, In(20s)); });
  EXPECT_EQ(closed.wait_for(20ms), std::future_status::timeout);
  tally.Count(Of(batch));
  EXPECT_EQ(closed.get().acknowledged, 1U);
}

TEST(Tally, CountsLateDeliveriesForTheTotals) {
  Tally tally;
  const std::uint64_t batch = tally.Open();
  tally.Expect(batch);
  tally.Expect(batch);
  const Outcome outcome = tally.Close(batch, In(-1ms));
  EXPECT_EQ(outcome.unknown, 2U);
  EXPECT_EQ(outcome.error, "Kafka did not answer in time");
  tally.Count(Of(batch));
  const Totals totals = tally.Total();
  EXPECT_EQ(totals.outcome.acknowledged, 1U);
  EXPECT_EQ(totals.outcome.unknown, 1U);
}

TEST(Tally, SortsTotalsByError) {
  Tally tally;
  const std::uint64_t batch = tally.Open();
  for (int i = 0; i < 3; ++i) tally.Expect(batch);
  tally.Count(Of(batch));
  tally.Count(Of(batch, ErrorKind::kOther));
  tally.Count(Of(batch, ErrorKind::kOther));
  const Totals totals = tally.Total();
  EXPECT_EQ(totals.errors.at("because"), 2U);
  EXPECT_EQ(totals.outcome.failed, 2U);
  EXPECT_EQ(totals.latencies.count(), 1U);
}

TEST(Latencies, AreKnownToTwoPercent) {
  Latencies latencies;
  EXPECT_EQ(latencies.Quantile(0.5), 0us);
  for (int i = 1; i <= 1000; ++i) latencies.Add(std::chrono::microseconds(i * 100));
  EXPECT_NEAR(static_cast<double>(latencies.Quantile(0.5).count()), 50'000, 1001);
  EXPECT_NEAR(static_cast<double>(latencies.Quantile(0.99).count()), 99'000, 1981);
  latencies.Add(std::chrono::hours(1000));
  latencies.Add(0us);
  latencies.Add(-5us);
  EXPECT_EQ(latencies.count(), 1003U);
}

}  // namespace
}  // namespace backlogd::sim
