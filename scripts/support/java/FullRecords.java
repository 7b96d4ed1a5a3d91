import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/** Records with all that they have, byte by byte: keys, values and headers are base64 or null. */
final class FullRecords {
    private final Settings settings;

    FullRecords(Settings settings, Map<String, Operation> operations) {
        this.settings = settings;
        operations.put("produce_one_by_one", this::produceOneByOne);
        operations.put("read_records", this::readRecords);
    }

    /** {topic, partition, timestamp, key, value, headers: [[name, value], ...]} */
    static ProducerRecord<byte[], byte[]> record(JsonNode item) throws IOException {
        JsonNode timestamp = item.path("timestamp");
        JsonNode partition = item.path("partition");
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(item.get("topic").asText(),
                partition.isNumber() ? partition.asInt() : null,
                timestamp.isNumber() ? timestamp.asLong() : null,
                bytes(item.path("key")), bytes(item.path("value")));
        for (JsonNode header : item.get("headers")) {
            record.headers().add(header.get(0).asText(), bytes(header.get(1)));
        }
        return record;
    }

    private static byte[] bytes(JsonNode base64) throws IOException {
        return base64.isTextual() ? base64.binaryValue() : null;
    }

    /** Each record in a transaction of its own, committed or not. */
    private Object produceOneByOne(JsonNode request) throws Exception {
        Map<String, Object> with = settings.producer();
        with.put("transactional.id", request.get("id").asText());
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(with)) {
            producer.initTransactions();
            List<Long> offsets = new ArrayList<>();
            for (JsonNode item : request.get("records")) {
                producer.beginTransaction();
                offsets.add(producer.send(record(item)).get().offset());
                if (request.get("commit").asBoolean()) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
            return offsets;
        }
    }

    /** [[partition, offset, timestamp, key, value, [[header, value], ...]], ...], committed ones */
    private Object readRecords(JsonNode request) {
        Map<String, Object> with = settings.consumer("backlogd-driver-reads");
        with.put("isolation.level", "read_committed");
        with.put("max.poll.records", 10_000);
        List<List<Object>> rows = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(with)) {
            List<TopicPartition> partitions = new ArrayList<>();
            consumer.partitionsFor(request.get("topic").asText()).forEach(partition ->
                    partitions.add(new TopicPartition(partition.topic(), partition.partition())));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions); // the last stable
            while (!hasReached(consumer, ends)) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> rows.add(row(record)));
            }
        }
        return rows;
    }

    private static boolean hasReached(
            KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private static List<Object> row(ConsumerRecord<byte[], byte[]> record) {
        Collection<List<Object>> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            headers.add(Arrays.asList(header.key(), header.value()));
        }
        return Arrays.asList(record.partition(), record.offset(), record.timestamp(),
                record.key(), record.value(), headers);
    }
}
