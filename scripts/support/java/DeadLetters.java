import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/** Dead letters by the million, as Spring's DeadLetterPublishingRecoverer writes them, but short. */
final class DeadLetters {
    private final Settings settings;

    DeadLetters(Settings settings, Map<String, Operation> operations) {
        this.settings = settings;
        operations.put("produce_dead_letters", this::produce);
    }

    /** Record i goes to partition i % partitions, with the exception i % exceptions. */
    private Object produce(JsonNode request) throws Exception {
        Map<String, Object> with = settings.producer();
        with.put("batch.size", 262_144);
        with.put("linger.ms", 20);
        with.put("compression.type", "lz4");
        AtomicReference<Exception> failure = new AtomicReference<>();
        List<byte[]> exceptions = new ArrayList<>();
        Arguments.texts(request.get("exceptions")).forEach(name -> exceptions.add(utf8(name)));
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(with)) {
            for (int i = 0; i < request.get("count").asInt(); ++i) {
                producer.send(record(request, i, exceptions.get(i % exceptions.size())),
                        (written, error) -> failure.compareAndSet(null, error));
            }
        }
        if (failure.get() != null) {
            throw failure.get();
        }
        return null;
    }

    private static ProducerRecord<byte[], byte[]> record(
            JsonNode request, int index, byte[] exception) {
        int partitions = request.get("partitions").asInt();
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                request.get("topic").asText(), index % partitions, null,
                utf8("key-" + index), utf8("{\"number\": " + index + "}"));
        Headers headers = record.headers();
        headers.add("kafka_dlt-original-topic", utf8(request.get("source_topic").asText()));
        headers.add("kafka_dlt-original-partition",
                ByteBuffer.allocate(4).putInt(index % partitions).array());
        headers.add("kafka_dlt-original-offset",
                ByteBuffer.allocate(8).putLong(index / partitions).array());
        headers.add("kafka_dlt-exception-fqcn", exception);
        return record;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
