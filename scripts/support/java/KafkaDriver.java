import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.utils.Exit;

/**
 * Acts on one Kafka cluster as it is told: one JSON object a line on stdin, one on stdout.
 * {"op": name, ...} is answered by {"result": ...} or {"error": "Class: message"}, in order.
 * kafka_driver.py documents every operation. Ends with stdin.
 */
public final class KafkaDriver {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Operation> operations = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err); // nothing but answers may stand between answers
        refuseToExit();
        KafkaDriver driver = new KafkaDriver(arguments[0]);
        BufferedReader input =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            byte[] answer = JSON.writeValueAsBytes(driver.answer(JSON.readTree(line)));
            answers.write(answer, 0, answer.length);
            answers.write('\n');
            answers.flush();
        }
        Runtime.getRuntime().halt(0); // members would take long to leave their groups in order
    }

    /** Kafka's own code ends no process: it throws. */
    static void refuseToExit() {
        Exit.setExitProcedure((status, message) -> {
            throw new IllegalStateException("exit status " + status + ": " + message);
        });
    }

    private KafkaDriver(String bootstrapServers) {
        Settings settings = new Settings(bootstrapServers);
        Admin admin = Admin.create(settings.client());
        new Topics(admin, operations);
        new Layout(admin, operations);
        new Records(admin, settings, operations);
        new FullRecords(settings, operations);
        new DeadLetters(settings, operations);
        new Groups(admin, settings, operations);
        new Workers(settings, operations);
    }

    private ObjectNode answer(JsonNode request) {
        ObjectNode answer = JSON.createObjectNode();
        try {
            Operation operation = operations.get(request.path("op").asText());
            if (operation == null) {
                throw new IllegalArgumentException("no such operation: " + request.path("op"));
            }
            answer.set("result", JSON.valueToTree(operation.run(request)));
        } catch (Throwable thrown) {
            Throwable cause = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
            answer.put("error", cause.getClass().getSimpleName() + ": " + cause.getMessage());
        }
        return answer;
    }
}
