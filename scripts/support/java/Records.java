import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Records: written, in transactions or not, deleted, counted; and the offsets of logs. */
final class Records {
    private final Admin admin;
    private final Settings settings;
    private final Map<String, KafkaProducer<byte[], byte[]>> transactions = new HashMap<>();
    private KafkaProducer<byte[], byte[]> producer;

    Records(Admin admin, Settings settings, Map<String, Operation> operations) {
        this.admin = admin;
        this.settings = settings;
        operations.put("produce", this::produce);
        operations.put("begin_transaction", this::beginTransaction);
        operations.put("end_transaction", this::endTransaction);
        operations.put("delete_records", this::deleteRecords);
        operations.put("log_offsets", this::logOffsets);
        operations.put("count_records", this::countRecords);
        operations.put("record_times", this::recordTimes);
    }

    private Object produce(JsonNode request) throws Exception {
        if (producer == null) {
            producer = new KafkaProducer<>(settings.producer());
        }
        return send(producer, request);
    }

    /** Sends what `records` asks for, and returns each item's last offset; fails if one fails. */
    private Object send(KafkaProducer<byte[], byte[]> to, JsonNode request) throws Exception {
        List<Future<RecordMetadata>> last = new ArrayList<>();
        AtomicReference<Exception> failure = new AtomicReference<>();
        for (JsonNode item : request.get("records")) {
            Future<RecordMetadata> sent = null;
            for (int i = 0; i < item.path("count").asInt(1); ++i) {
                sent = to.send(record(item, i), (written, error) ->
                        failure.compareAndSet(null, error));
            }
            last.add(sent);
        }
        to.flush();
        if (failure.get() != null) {
            throw failure.get();
        }
        List<Long> offsets = new ArrayList<>();
        for (Future<RecordMetadata> sent : last) {
            offsets.add(sent == null ? -1 : sent.get().offset());
        }
        return offsets;
    }

    private static ProducerRecord<byte[], byte[]> record(JsonNode item, int index)
            throws Exception {
        if (item.has("headers")) {
            return FullRecords.record(item);
        }
        JsonNode timestamp = item.path("timestamp");
        if (timestamp.isArray()) {
            timestamp = timestamp.get(index);
        }
        byte[] key = item.hasNonNull("keys")
                ? ("key-" + index % item.get("keys").asInt()).getBytes(StandardCharsets.UTF_8)
                : null;
        return new ProducerRecord<>(item.get("topic").asText(), item.get("partition").asInt(),
                timestamp.isNumber() ? timestamp.asLong() : null, key,
                new byte[item.path("bytes").asInt(10)]);
    }

    private Object beginTransaction(JsonNode request) throws Exception {
        Map<String, Object> with = settings.producer();
        with.put("transactional.id", request.get("id").asText());
        with.put("transaction.timeout.ms", 600_000);
        KafkaProducer<byte[], byte[]> begun = new KafkaProducer<>(with);
        transactions.put(request.get("id").asText(), begun);
        begun.initTransactions();
        begun.beginTransaction();
        return send(begun, request);
    }

    private Object endTransaction(JsonNode request) {
        try (var ended = transactions.remove(request.get("id").asText())) {
            if (request.get("commit").asBoolean()) {
                ended.commitTransaction();
            } else {
                ended.abortTransaction();
            }
        }
        return null;
    }

    private Object deleteRecords(JsonNode request) throws Exception {
        RecordsToDelete before = RecordsToDelete.beforeOffset(request.get("before").asLong());
        admin.deleteRecords(Map.of(Arguments.partition(request), before)).all().get();
        return null;
    }

    /** [[topic, partition, start, last stable, end], ...] */
    private Object logOffsets(JsonNode request) throws Exception {
        List<TopicPartition> partitions = Arguments.partitions(request.get("partitions"));
        var starts = offsets(partitions, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
        var stable = offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
        var ends = offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
        List<List<Object>> rows = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            rows.add(List.of(partition.topic(), partition.partition(),
                    starts.get(partition).offset(), stable.get(partition).offset(),
                    ends.get(partition).offset()));
        }
        return rows;
    }

    private Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> offsets(
            List<TopicPartition> partitions, OffsetSpec spec, IsolationLevel isolation)
            throws Exception {
        Map<TopicPartition, OffsetSpec> question = new HashMap<>();
        partitions.forEach(partition -> question.put(partition, spec));
        return admin.listOffsets(question, new ListOffsetsOptions(isolation)).all().get();
    }

    /** How many records can be read: offsets leave holes where the partition was compacted. */
    private Object countRecords(JsonNode request) {
        TopicPartition partition = Arguments.partition(request);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings.consumer("backlogd-driver-counts"))) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            long count = 0;
            while (consumer.position(partition) < end) {
                count += consumer.poll(Duration.ofMillis(200)).count();
            }
            return count;
        }
    }

    /** [offset, timestamp] of the first record at or after each position; null: there is none. */
    private Object recordTimes(JsonNode request) {
        Map<String, Object> with = settings.consumer("backlogd-driver-reads");
        with.put("max.poll.records", 1);
        with.put("max.partition.fetch.bytes", 65536);
        List<List<Long>> found = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(with)) {
            for (JsonNode row : request.get("positions")) {
                TopicPartition partition =
                        new TopicPartition(row.get(0).asText(), row.get(1).asInt());
                found.add(firstFrom(consumer, partition, row.get(2).asLong()));
            }
        }
        return found;
    }

    private static List<Long> firstFrom(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long offset) {
        consumer.assign(List.of(partition));
        consumer.seek(partition, offset);
        long end = consumer.endOffsets(List.of(partition)).get(partition);
        while (consumer.position(partition) < end) {
            for (var record : consumer.poll(Duration.ofMillis(200)).records(partition)) {
                return List.of(record.offset(), record.timestamp());
            }
        }
        return null;
    }
}
