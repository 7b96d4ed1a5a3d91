#include "kafka/batches.h"

#include <gtest/gtest.h>

#include <string>

#include "kafka/committed_offsets.h"

namespace backlogd::kafka {
namespace {

std::string Text(const std::vector<Batch>& batches) {
  std::string text;
  for (const Batch& batch : batches) {
    text += std::to_string(batch.broker) + ":";
    for (const std::size_t member : batch.members) text += " " + std::to_string(member);
    text += "; ";
  }
  return text;
}

TEST(BatchesByBroker, SplitsBySizeAndBroker) {
  const std::vector<BrokerId> brokers = {1, 2, 1, 1, kNoBroker, 2, 1};
  const auto broker_of = [&](std::size_t i) { return brokers[i]; };
  EXPECT_EQ(Text(BatchesByBroker(7, 2, broker_of)), "1: 0 2; 2: 1 5; 1: 3 6; -1: 4; ");
  EXPECT_EQ(Text(BatchesByBroker(7, 100, broker_of)), "1: 0 2 3 6; 2: 1 5; -1: 4; ");
  EXPECT_EQ(Text(BatchesByBroker(0, 2, broker_of)), "");
}

TEST(Chunks, KeepOrderAndLoseNothing) {
  const TopicPartitionListPtr all(rd_kafka_topic_partition_list_new(0));
  for (int partition = 0; partition < 7; ++partition) {
    rd_kafka_topic_partition_list_add(all.get(), "orders", partition);
  }
  const auto chunks = Chunks(*all, 3);
  ASSERT_EQ(chunks.size(), 3U);
  int next = 0;
  for (const auto& chunk : chunks) {
    EXPECT_LE(chunk->cnt, 3);
    for (int i = 0; i < chunk->cnt; ++i) {
      EXPECT_STREQ(chunk->elems[i].topic, "orders");
      EXPECT_EQ(chunk->elems[i].partition, next++);
    }
  }
  EXPECT_EQ(next, 7);
}

}  // namespace
}  // namespace backlogd::kafka
