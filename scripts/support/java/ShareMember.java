import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** By reflection, so that this compiles with releases that have no share groups. */
final class ShareMember extends Worker {
    private final Class<?> type;
    private final Object consumer;

    ShareMember(Class<?> type, Map<String, Object> settings, List<String> topics)
            throws Exception {
        this.type = type;
        consumer = type.getConstructor(Map.class).newInstance(settings);
        type.getMethod("subscribe", Collection.class).invoke(consumer, topics);
    }

    @Override
    void step() throws Exception {
        type.getMethod("poll", Duration.class).invoke(consumer, Duration.ofMillis(100));
    }

    @Override
    void close() throws Exception {
        type.getMethod("close").invoke(consumer);
    }
}
