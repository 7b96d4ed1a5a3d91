import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes to a topic's partitions in turn, or by key, ten bursts a second. */
final class SteadyProducer extends Worker {
    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final byte[] value;
    private final int keys;
    private final double hotShare;
    private long written;

    SteadyProducer(Map<String, Object> settings, JsonNode request) {
        producer = new KafkaProducer<>(settings);
        topic = request.get("topic").asText();
        value = new byte[request.path("bytes").asInt(100)];
        keys = request.path("keys").asInt(0);
        hotShare = request.path("hot_share").asDouble(0);
        setRate(request.get("records_per_second").asDouble());
    }

    @Override
    void step() throws Exception {
        int partitions = producer.partitionsFor(topic).size();
        int burst = Math.max(1, (int) Math.round(rate() / 10));
        for (int i = 0; i < burst; ++i) {
            producer.send(keys > 0
                    ? new ProducerRecord<>(topic, key(), value)
                    : new ProducerRecord<>(topic, (int) (written % partitions), null, value));
            ++written;
        }
        rest(burst);
    }

    private byte[] key() {
        // 37 and 100 have no common divisor: the hot records stand among the others.
        boolean hot = written * 37 % 100 < hotShare * 100;
        return ("key-" + (hot ? 0 : written % keys)).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    void close() {
        producer.close();
    }
}
