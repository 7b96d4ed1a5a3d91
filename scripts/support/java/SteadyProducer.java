import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes to a topic's partitions in turn, ten bursts a second. */
final class SteadyProducer extends Worker {
    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final double perSecond;
    private final byte[] value;

    SteadyProducer(Map<String, Object> settings, JsonNode request) {
        producer = new KafkaProducer<>(settings);
        topic = request.get("topic").asText();
        perSecond = request.get("records_per_second").asDouble();
        value = new byte[request.path("bytes").asInt(100)];
    }

    @Override
    void step() throws Exception {
        int partitions = producer.partitionsFor(topic).size();
        int burst = Math.max(1, (int) Math.round(perSecond / 10));
        for (int i = 0; i < burst; ++i) {
            producer.send(new ProducerRecord<>(topic, i % partitions, null, value));
        }
        rest(burst, perSecond);
    }

    @Override
    void close() {
        producer.close();
    }
}
