import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** The arguments of operations, in Java's types. */
final class Arguments {
    private Arguments() {}

    static TopicPartition partition(JsonNode request) {
        return new TopicPartition(request.get("topic").asText(), request.get("partition").asInt());
    }

    /** Of rows that begin with topic and partition. */
    static List<TopicPartition> partitions(JsonNode rows) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (JsonNode row : rows) {
            partitions.add(new TopicPartition(row.get(0).asText(), row.get(1).asInt()));
        }
        return partitions;
    }

    static Map<TopicPartition, OffsetAndMetadata> positions(JsonNode rows) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (JsonNode row : rows) {
            offsets.put(new TopicPartition(row.get(0).asText(), row.get(1).asInt()),
                    new OffsetAndMetadata(row.get(2).asLong(), row.path(3).asText("")));
        }
        return offsets;
    }

    static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    static List<Integer> integers(JsonNode list) {
        List<Integer> integers = new ArrayList<>();
        list.forEach(number -> integers.add(number.asInt()));
        return integers;
    }

    static Map<String, String> strings(JsonNode object) {
        Map<String, String> strings = new HashMap<>();
        object.fieldNames().forEachRemaining(
                name -> strings.put(name, object.get(name).asText()));
        return strings;
    }
}
