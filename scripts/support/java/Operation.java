import com.fasterxml.jackson.databind.JsonNode;

/** What one request asks for. The result is anything that Jackson can write. */
interface Operation {
    Object run(JsonNode request) throws Exception;
}
