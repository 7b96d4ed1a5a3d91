import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What every client of this program is configured with; the caller may change its copy. */
final class Settings {
    private final String bootstrapServers;

    Settings(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    Map<String, Object> client() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("enable.metrics.push", "false");
        settings.put("reconnect.backoff.max.ms", "200");
        return settings;
    }

    Map<String, Object> producer() {
        Map<String, Object> settings = client();
        settings.put("key.serializer", ByteArraySerializer.class);
        settings.put("value.serializer", ByteArraySerializer.class);
        settings.put("acks", "all");
        settings.put("linger.ms", "5");
        // A topic's first batch may be refused (its leader is about to begin) and the second one,
        // sent meanwhile, taken; then the first is out of order for ever.
        settings.put("max.in.flight.requests.per.connection", "1");
        return settings;
    }

    Map<String, Object> consumer(String group) {
        Map<String, Object> settings = client();
        settings.put("group.id", group);
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "earliest");
        settings.put("key.deserializer", ByteArrayDeserializer.class);
        settings.put("value.deserializer", ByteArrayDeserializer.class);
        return settings;
    }
}
