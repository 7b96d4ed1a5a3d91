#include "deadletters/classify_rules.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backlogd::deadletters {
namespace {

// Causes are named at the start; what follows are data, which cost time.
constexpr std::size_t kJudgedBytes = 1024;

struct Rule {
  const char* pattern;
  Strength strength;
  Reason reason;
};

constexpr auto kCause = Strength::kCause;
constexpr auto kHint = Strength::kHint;
constexpr auto kPermission = Reason::kPermission;
constexpr auto kTimeout = Reason::kTimeout;
constexpr auto kTransient = Reason::kRetriesExhausted;
constexpr auto kFormat = Reason::kFormat;
constexpr auto kBusiness = Reason::kBusiness;
constexpr auto kNone = Reason::kUnknown;

// The first that matches counts. Each is a whole simple name, "Timeout" or "Outer$Timeout" of
// "a.b.Outer$Timeout", or a name with its package.
constexpr Rule kClassRules[] = {
    // Wrappers whose names would match something below.
    {"org\\.apache\\.kafka\\.connect\\.errors\\.ConnectException|"
     "org\\.apache\\.kafka\\.common\\.KafkaException|ListenerExecutionFailedException|"
     "TimestampedException|BatchListenerFailedException|KafkaBackoffException",
     Strength::kWrapper, kNone},
    {"(?:Aggregate|Completion|Execution|InvocationTarget|TargetInvocation|TypeInitialization|"
     "UndeclaredThrowable|Messaging|MessageHandling|MessageDelivery|MessageTransformation|"
     "Streams|FailedProcessing|Processing|UncheckedIO|UncheckedExecution|Runtime|Nested|"
     "NestedRuntime|Kafka|KafkaProcessing|Kafka(?:Consumer|Producer)|Processor)?Exception|"
     "Throwable|Error|fmt\\.wrapError|errors\\.errorString|StandardError",
     Strength::kWrapper, kNone},
    {"(?:Retry|ExhaustedRetry|Retr(?:y|ies)Exhausted|MaxRetriesExceeded|RetryLimitExceeded|"
     "MaxAttemptsExceeded|Failsafe|MaxRetry|RetryTimeout|NumberOfRetriesExceeded|"
     "KafkaJSNumberOfRetriesExceeded)(?:Exception|Error)?",
     Strength::kGaveUp, kTransient},

    {"[A-Za-z]*(?:Authorization|Authentication|AccessDenied|AccessControl|AuthorizationDenied|"
     "Unauthorized|UnauthorizedAccess|UnauthorizedOperation|Forbidden|NotAuthorized|"
     "Unauthenticated|PermissionDenied|InsufficientPermissions?|InsufficientPrivileges?|"
     "BadCredentials|InvalidCredentials?|UnacceptableCredential|CredentialsExpired|"
     "AccountLocked|TokenExpired|ExpiredToken|ExpiredJwt|InvalidToken|InvalidBearerToken|"
     "LoginFailed|FailedLogin|InvalidAuthorizationSpec)(?:Exception|Error)?",
     kCause, kPermission},
    {"java\\.lang\\.SecurityException|SecurityException|PermissionError|"
     "SQLInvalidAuthorizationSpecException|JdbcSQLInvalidAuthorizationSpecException|"
     "HttpClientErrorException\\$(?:Forbidden|Unauthorized)|PermissionException",
     kCause, kPermission},

    {"[A-Za-z]*Time(?:d)?[Oo]ut(?:Exception|Error|Expired|ExpiredError)?|"
     "[A-Za-z]*TimedOut[A-Za-z]*|[A-Za-z]*DeadlineExceeded(?:Exception|Error)?|"
     "TaskCanceledException|CannotAcquireLockException|PessimisticLock(?:ing|"
     "ingFailure)?Exception|LockWaitTimeoutException|HttpServerErrorException\\$GatewayTimeout|"
     "HttpClientErrorException\\$RequestTimeout",
     kCause, kTimeout},

    {"java\\.net\\.[A-Za-z]*(?:Connect|NoRouteToHost|UnknownHost|PortUnreachable|Socket|"
     "Bind)Exception|HttpServerErrorException(?:\\$[A-Za-z]+)?|(?:Http)?ServerErrorException|"
     "(?:Http)?ServiceUnavailable(?:Exception|Error)?|InternalServerError(?:Exception)?|"
     "HttpClientErrorException\\$TooManyRequests|TooManyRequests(?:Exception|Error)?|"
     "BadGateway(?:Exception|Error)?",
     kCause, kTransient},
    {"[A-Za-z]*(?:RejectedExecution|TaskRejected|BulkheadFull|CallNotPermitted|"
     "CircuitBreakerOpen|BrokenCircuit|CircuitOpen|RequestNotPermitted|RateLimit(?:ed|Exceeded|"
     "ing)?|Throttl(?:ing|ed)|Busy|Overloaded|(?:Service|Server|Resource|System|Database|Broker|"
     "Leader|Host|Backend|Upstream|Node|Temporarily)Unavailable|ServiceUnreachable|"
     "ThroughputExceeded|Retriable|Retryable|Transient(?:DataAccess(?:Resource)?|Connection)?|"
     "TryAgain|ConnectionRefused|ConnectionReset|ConnectionAborted|ConnectionClosed|BrokenPipe|"
     "NoHttpResponse|HttpHostConnect|UnknownHost|DisconnectException|Disconnect|Network|"
     "NotLeaderOrFollower|LeaderNotAvailable|NotEnoughReplicas|CoordinatorNotAvailable|"
     "CoordinatorLoadInProgress|BrokerNotAvailable|CannotGetJdbcConnection|"
     "CannotCreateTransaction|DeadlockLoser(?:DataAccess)?|SerializationFailure|"
     "TransientConnection)(?:Exception|Error)",
     kCause, kTransient},
    {"(?:Cannot|Can)?(?:Not)?(?:Redis)?Connection(?:Failure|Failed|Lost|Timeout)?(?:Exception|"
     "Error)|RedisConnectionFailureException|SQLTransientConnectionException|"
     "SQLRecoverableException|JDBCConnectionException|CommunicationsException|"
     "ResourceUnavailableException",
     kCause, kTransient},

    {"[A-Za-z]*(?:Deserialization|Deserialisation|Serialization|Serialisation|MessageConversion|"
     "HttpMessageNotReadable|MessageNotReadable|CorruptRecord|InvalidRecord|JsonParse|"
     "JsonMapping|JsonProcessing|JsonReader|JsonWriter|JsonSyntax|JsonEOF|JsonIO|JSONDecode|"
     "JsonDecoding|JsonData|JsonEncoding|MismatchedInput|InvalidFormat|InvalidDefinition|"
     "InvalidNull|UnrecognizedProperty|IgnoredProperty|InvalidTypeId|StreamRead|"
     "StreamConstraints|Databind|ValueInstantiation|AvroType|AvroRuntime|AvroMissingField|"
     "SchemaParse|SchemaBuilder|SchemaProjector|InvalidProtocolBuffer|ProtocolBuffer|"
     "MalformedInput|MalformedJson|UnmappableCharacter|CharacterCoding|CharConversion|"
     "UnicodeDecode|NumberFormat|DateTimeParse|DateTime|Decode|Decoding|Decoder|Unmarshal|"
     "UnmarshalType|Unmarshalling|Parse|Parser|Parsing|SAXParse|XMLStream|UTFDataFormat|"
     "InvalidByte|ClassCast|InvalidCast|MethodArgumentResolution|MethodArgumentTypeMismatch|"
     "TypeMismatch|ConversionFailed|ConverterNotFound|MalformedURL|URISyntax|"
     "UnsupportedMediaType|InvalidSchema|SchemaValidation|IncompatibleSchema|"
     "UnknownMagicByte)(?:Exception|Error)",
     kCause, kFormat},
    {"(?:[A-Za-z]*\\.)?ConversionException|"
     "org\\.apache\\.kafka\\.connect\\.errors\\.DataException|DataException|FormatException|"
     "JsonException|JSONException|(?:json\\.)?SyntaxError|(?:json|asn1|xml)\\.[A-Za-z]+Error|"
     "JSON::ParserError|HttpClientErrorException\\$UnsupportedMediaType|"
     "IllegalCharsetNameException|EncodingError",
     kCause, kFormat},

    {"[A-Za-z]*(?:ConstraintViolation|DataIntegrityViolation|IntegrityConstraint|Integrity|"
     "DuplicateKey|DuplicateEntry|Duplicate|BusinessRule|Business|Domain|RuleViolation|"
     "RuleCondition|Validation|Bind|UnprocessableEntity|UnprocessableContent|BadRequest|"
     "AlreadyExists|AlreadyProcessed|Conflict|PreconditionFailed|OptimisticLock|"
     "OptimisticLocking|OptimisticLockingFailure|StaleObjectState|EntityNotFound|EntityExists|"
     "ObjectNotFound|RecordNotFound|ResourceNotFound|EmptyResultDataAccess|NoResult|"
     "Invariant(?:Violation)?|PolicyViolation|Refused|Rejected|Declined|Insufficient(?:Funds|"
     "Balance|Stock|Inventory|Credit)|OutOfStock|(?:Credit|Spending|Order|"
     "Withdrawal)LimitExceeded)(?:Exception|Error)?",
     kCause, kBusiness},
    {"[A-Za-z]*ConstraintViolationException|HttpClientErrorException\\$(?:BadRequest|NotFound|"
     "Conflict|Gone|Unprocessable[A-Za-z]+)|MethodArgumentNotValidException",
     kCause, kBusiness},

    {"(?:Null(?:Pointer|Reference)|(?:Array|String)?IndexOutOf(?:Bounds|Range)|"
     "ArrayIndexOutOfBounds|StringIndexOutOfBounds|NegativeArraySize|ArrayStore|Arithmetic|"
     "DivideByZero|ConcurrentModification|NoSuchMethod|NoSuchField|ClassNotFound|IllegalAccess|"
     "NotImplemented)Exception|(?:NoClassDefFound|NoSuchMethod|NoSuchField|StackOverflow|"
     "OutOfMemory|Linkage|AbstractMethod|IncompatibleClassChange|UnsatisfiedLink|"
     "ExceptionInInitializer|Bootstrap|NoMethod|Attribute|Name|Type|Reference|Import|"
     "ModuleNotFound|Index|Key|ZeroDivision|NotImplemented|Recursion|Memory|runtime\\.)Error|"
     "UnboundLocalError",
     Strength::kDefect, kNone},

    {"(?:IllegalArgument|Argument(?:Null|OutOfRange)?|UnsupportedOperation|NoSuchElement|"
     "InvalidArgument)Exception|[A-Za-z]+NotFound(?:Exception|Error)?|ArgumentError|ValueError|"
     "AssertionError|Invalid[A-Z][A-Za-z]*(?:State|Status|Amount|Quantity|Transition|"
     "Order)(?:Exception|Error)",
     kHint, kBusiness},
    {"[A-Za-z]*(?:EOF|Schema|Avro|Json|JSON|Xml|XML|Yaml|Csv|Protobuf)[A-Za-z]*(?:Exception|Error)",
     kHint, kFormat},
};

// An HTTP status: by itself at the start, or near a word that says that it is one.
#define BACKLOGD_STATUS(codes)                                                                 \
  "^(?:" codes                                                                                 \
  ")(?: [a-z][a-z ]+)?(?:$|:| \\[)|"                                                           \
  "\\b(?:https?|status|statuscode|status_code|response|response code|http code|answered|"      \
  "replied|responded|returned|error code)\\b(?:/[0-9.]+)?[\"']?(?: (?:code|status|error|with|" \
  "was|is|of|http|an?))*[\"']?[ :=(]{0,3}(?:" codes                                            \
  ")(?:$|[^0-9a-z_ ]| (?:(?:for|from|on|when|while|after|by|at|to|in)\\b|bad|unauthori|"       \
  "forbidden|not|conflict|gone|unproc|too|internal|service|gateway|request|unsupp|proxy|precond))"

// The first that matches counts; without case. Words have borders: "400 ms" is no status.
constexpr Rule kMessageRules[] = {
    // What looks like something below and is not.
    {"\\bnil pointer|\\bnull pointer|\\binvalid memory address|\\bindex out of (?:range|bounds)|"
     "\\bcannot read propert(?:y|ies)\\b|\\bis not a function\\b|\\bis not defined\\b|"
     "\\bundefined method\\b|'nonetype'|\\bobject reference not set\\b",
     Strength::kDefect, kNone},
    {"\\bpayload value must not be (?:empty|null)|\\bpayload (?:is )?missing", kCause, kFormat},
    {"\\bno resolvable bootstrap\\b|\\bunknown ?host|\\bno such host|\\bhost not found|"
     "\\bname or service not known|\\bname resolution|\\bgetaddrinfo\\b|\\benotfound\\b|"
     "\\beai_again\\b",
     kCause, kTransient},

    {"\\bnot authori[sz]ed\\b|\\bunauthori[sz]ed\\b|\\bunauthenticated\\b|\\baccess (?:is |was |"
     "has been |to [^;\\n]* (?:is |was )?)?(?:denied|forbidden)\\b|\\bpermission[ _]denied\\b|"
     "\\bauthenti?cation (?:failed|failure|error|required|exception)|"
     "\\bauthori[sz]ation (?:failed|failure|error|required|exception)|"
     "\\binsufficient (?:permission|privilege|scope|right|access)|\\beacces\\b|\\beperm\\b|"
     "\\boperation not permitted\\b|\\blogin failed\\b|\\bpermission_denied\\b|"
     "\\bcode = (?:permissiondenied|unauthenticated)\\b|\\bunable to authenticate\\b|"
     "\\b(?:command|operation|statement) denied\\b|\\bdenied (?:access|operation|"
     "permission)\\b|\\bnot enough (?:rights|privileges|permissions)\\b|"
     "\\b(?:password|credentials) not accepted\\b|\\berror code: 40[13][0-9][0-9]\\b",
     kCause, kPermission},
    {"\\b(?:lacks?|lacking|missing|requires?|without|no|needs) (?:the |a |any |required |"
     "sufficient |necessary )*(?:role|permission|privilege|authority|scope|grant)s?\\b|"
     "\\b(?:invalid|bad|wrong|expired|incorrect) (?:credentials?|(?:access|auth|bearer|jwt|"
     "security|session|refresh|id)[ -]token|token$|key id|api[ -]?key|password|"
     "user ?name or password)\\b|\\b(?:token|jwt|credentials?|password|certificate) (?:has |is |"
     "was |have )?expired\\b|\\b(?:is |are |was |not )(?:allowed|permitted|"
     "entitled) to (?:access|perform|read|write|call|use|see|modify|execute|do|invoke)\\b|"
     "^forbidden\\b|\\bforbidden(?:$|[:.,;!\\])])|\\b(?:request|operation|action|method) (?:is |"
     "was )?forbidden\\b|" BACKLOGD_STATUS("401|403|407"),
     kCause, kPermission},

    {"\\btimed[ -]?out\\b|\\bdeadline[ _]exceeded\\b|\\be?s?o?c?k?e?t?timedout\\b|"
     "\\btime-?out (?:expired|exceeded|elapsed|occurred|reached|while|waiting|after|trying|on|"
     "for|during|error|of [0-9]+ ?m?s)|\\b(?:read|write|connect|connection|request|socket|query|"
     "lock|wait|session|operation|gateway|i/o|io|response|statement|transaction|call|handshake|"
     "client|server|acquire|poll|upstream|network|handler)[ _-]time-?out\\b|(?:^|: )time-?out(?:$|"
     "[.!:])|\\bnot present in metadata after\\b|\\btook too long\\b|"
     "\\bexceeded the (?:\\S+ )?time(?:out| limit)\\b|\\btime limit exceeded\\b",
     kCause, kTimeout},
    {BACKLOGD_STATUS("408|504"), kCause, kTimeout},

    {"\\bconnection (?:was |is |has been |to [^;\\n]* )?(?:refused|reset|closed|aborted|lost|"
     "broken|failed|could not be|prematurely)|\\b(?:could not|cannot|can't|unable to|"
     "failed to) (?:establish (?:a )?connect|connect|open (?:jdbc )?connection|"
     "acquire (?:jdbc )?connection|obtain (?:jdbc )?connection|get (?:jdbc )?connection|reach)|"
     "\\bbroken pipe\\b|\\bno route to host\\b|\\b(?:network|host) (?:is )?unreachable\\b|"
     "\\becon(?:nrefused|nreset|naborted)\\b|\\bepipe\\b|\\behostunreach\\b|"
     "\\bsocket (?:hang up|closed)|\\bdisconnected\\b|\\bbad connection\\b|"
     "\\bclosed network connection\\b|\\bunexpected end of (?:stream|file) (?:on|from) \\S+://|"
     "\\breceived no bytes\\b|\\bserver failed to respond\\b|"
     "\\bremote host (?:closed|terminated)",
     kCause, kTransient},
    {"\\b(?:temporarily|currently) (?:unavailable|not available|unable|offline)\\b|"
     "\\b(?:service|server|system|database|backend|resource|broker|upstream|endpoint|leader|"
     "cluster|node|replica|coordinator)s? (?:is |are |was )?(?:currently |"
     "temporarily )?(?:too )?(?:unavailable|not available|busy|down|offline|overloaded|"
     "not ready|unreachable)\\b|^unavailable\\b|\\bresource_exhausted\\b|\\bnot ready yet\\b|"
     "\\bnot yet ready\\b|\\btry again\\b|\\bretry later\\b|\\btoo many (?:requests|connections|"
     "clients)|\\brate[ -]?limit|\\bthrottl|\\bcircuit ?-?breaker\\b[^;\\n]*\\bopen\\b|"
     "\\bcircuit (?:is )?open\\b|\\bdeadlock\\b|\\bcould not serialize access\\b|"
     "\\bpool (?:is )?exhausted\\b|\\bnot enough (?:in-?sync )?replicas\\b|"
     "\\bnot (?:the )?leader\\b|\\bno brokers? available\\b|\\ball brokers (?:are )?down\\b|"
     "\\brejected from java\\.util\\.concurrent\\b|\\btransient (?:error|failure)|"
     "\\bbad gateway\\b|\\binternal server error\\b|\\b(?:queue|pool|buffer) (?:is )?full\\b|"
     "\\bdatabase is locked\\b|\\brun out of available brokers\\b|"
     "\\bcode = (?:unavailable|resourceexhausted|aborted)\\b",
     kCause, kTransient},
    {BACKLOGD_STATUS("429|500|502|503|507|529"), kCause, kTransient},

    {"\\bdeseriali[sz]|\\b(?:cannot|can't|can not|could not|couldn't|unable to|failed to|"
     "failure to|fail to|error|failed) (?:be )?(?:pars|decod|unmarshal|convert(?:ing)? (?:from|"
     "value|string|object|property|message|payload|type|json|byte)|read (?:json|avro|xml|value|"
     "the json|protobuf)|cast|coerc|construct instance)|\\b(?:could|can) ?not be (?:pars|decod|"
     "deserial|convert|cast|unmarshal|read as)|\\bcannot be (?:pars|decod|convert|cast|read as)|"
     "\\binvalid syntax\\b|\\bparsing (?:\\S+ )?\"|\\bparse error\\b|\\bparsing (?:error|failed|"
     "exception)|\\bsyntax error in (?:json|xml)|"
     "\\b(?:json|xml|yaml) syntax error\\b|\\b(?:json|yaml|xml|avro|protobuf|proto|csv|toml|cbor|"
     "bson|msgpack|asn1|gzip|zlib): (?:cannot|unknown|invalid|syntax|structure|unsupported|line)",
     kCause, kFormat},
    {"\\bunexpected (?:token|character|end[ -]of|end of json|json|field|byte|wire type|"
     "eof while)|\\b(?:invalid|illegal|bad|malformed|not (?:a )?valid|incorrect|unparseable|"
     "unparsable|corrupt|corrupted) (?:json|avro|xml|csv|yaml|protobuf|utf-?8|utf|unicode|byte|"
     "encoding|payload|format|date|timestamp|number|integer|uuid|base64|wire type|tag|"
     "message format|magic|escape|character|schema|literal|datum|record format|data format|"
     "content type|hex|numeric|double|boolean|iso)|\\bmalformed\\b|\\bunknown magic|"
     "\\bmagic byte\\b|\\bunrecogni[sz]ed (?:field|property|token)|\\bunknown (?:field|property|"
     "schema|enum|message type|event type|record type)\\b|\\bschema\\b[^;\\n]*\\b(?:not found|"
     "mismatch|incompatible)|\\bno enum (?:constant|value)|"
     "\\bnot one of the values accepted for enum|\\bsize of data received by\\b|"
     "\\bconverting byte\\[\\]|\\bfor input string\\b|\\bcannot be cast to\\b|"
     "\\bclasscastexception\\b|\\binvalid start byte\\b|\\bcodec can't decode\\b|"
     "\\bunterminated (?:string|object|array)|\\bexpecting (?:value|property name|"
     "',' delimiter)|\\bout of range for requested data type|\\b(?:does not|doesn't|"
     "did not) (?:match|conform to|comply with) (?:the |its )?(?:json |avro |"
     "expected )?schema\\b|\\bunsupported (?:media type|content[ -]type|schema|encoding|"
     "version of (?:the )?(?:message|schema|event))|\\bexpected [^;\\n]* but (?:was|got|"
     "found) [^;\\n]*\\b(?:string|number|null|begin_|end_)|\\bnot well-formed\\b|"
     "\\bwrong number of (?:columns|fields)|\\bmissing required field\\b|\\bnot in (?:json|gzip|"
     "avro) format\\b|\\bgoing past the end\\b|\\bbuffer underflow\\b|\\blength of data\\b",
     kCause, kFormat},
    {BACKLOGD_STATUS("406|415"), kCause, kFormat},

    {"\\bvalidation (?:failed|error|failure|exception|for \\S+ failed)|"
     "\\bcode = "
     "(?:invalidargument|failedprecondition|notfound|alreadyexists|outofrange)\\b|\\b(?:failed|"
     "fails|"
     "invalid) validation\\b|\\bconstraint (?:\\S+ )?(?:violat|failed)|\\bviolat(?:es|ed|ion|"
     "ing)\\b|\\bduplicate (?:key|entry|record|order|id|value|event|payment|request|"
     "transaction)|\\balready (?:exist|processed|paid|shipped|cancelled|canceled|closed|booked|"
     "used|been|registered|completed|in use)|\\binsufficient (?:funds|balance|stock|inventory|"
     "credit|quantity)|\\bout of stock\\b|\\bnot enough (?:stock|funds|credit|balance|inventory|"
     "money)\\b|\\bexceed(?:s|ed|ing)? (?:the |its |his |her |their |a )?(?:\\S+ )?(?:credit|"
     "spending|order|withdrawal|transfer|daily|monthly|account|customer|booking|allowed|"
     "approved|maximum) (?:\\S+ )?(?:limit|amount|quantity|balance|budget|number|value)|"
     "\\b(?:business|domain) (?:rule|error|exception)|\\brule\\b[^;\\n]*\\b(?:failed|broken|"
     "violated)|\\b(?:illegal|invalid) (?:state transition|status transition|transition|amount|"
     "quantity|price|customer|order|account|address|email|iban|sku|product)\\b|\\b(?:order|"
     "payment|customer|user|account|product|item|invoice|card|article|shipment|booking|"
     "entity)\\b[^;\\n]*\\b(?:not found|does not exist|doesn't exist|is unknown|is closed|"
     "is blocked|is locked|declined)|\\bno such (?:order|customer|user|account|product|item|"
     "entity|record)|\\boptimistic lock|\\b(?:invalid_argument|failed_precondition|"
     "already_exists|not_found)\\b",
     kCause, kBusiness},
    {BACKLOGD_STATUS("400|404|409|410|412|422"), kCause, kBusiness},

    {"\\bretr(?:y|ies)\\b[^;\\n]*\\b(?:exhausted|exceeded|reached|failed)\\b|"
     "\\bexhausted\\b[^;\\n]*\\b(?:retr(?:y|ies)|attempts)\\b|\\bno (?:more )?retries left\\b|"
     "\\bmax(?:imum)?(?: number of)? (?:\\S+ )?(?:attempts|retries|tries|deliver(?:y|ies)|"
     "redeliver(?:y|ies))\\b|\\bdelivery (?:count|limit|attempts) exceeded\\b|"
     "\\bfailed commits count\\b|\\b(?:giving|gave|give) up after\\b|\\bafter (?:[0-9]+|several|"
     "multiple|all|too many|many|repeated) (?:\\S+ )?(?:attempts?|tries|retries|retrys)\\b|"
     "\\btoo many (?:attempts|retries|redeliver)|\\bbackoff\\b[^;\\n]*\\bexhausted\\b",
     Strength::kGaveUp, kTransient},

    {"\\b(?:class|method|topic|file|directory|table|column|bean|route|plugin|command|function|"
     "module|handler|consumer|partition|config|configuration|property)\\b[^;\\n]*\\bnot found\\b",
     Strength::kWrapper, kNone},
    {"\\bnot found\\b|\\bdoes not exist\\b|\\b(?:must|has to|have to|needs to|"
     "should) (?:not )?be\\b|\\bmust not (?:exceed|contain|have)\\b|\\bmust (?:have|contain|"
     "match)\\b|\\bis (?:required|mandatory)\\b|\\b(?:may|can) ?not be (?:null|empty|blank|"
     "negative|zero|less|more|greater)|\\bis not (?:allowed|permitted|supported|accepted)\\b|"
     "\\bnot a valid\\b",
     kHint, kBusiness},
};
#undef BACKLOGD_STATUS

re2::RE2::Options OptionsOf(bool case_sensitive) {
  re2::RE2::Options options;
  options.set_case_sensitive(case_sensitive);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // bytes that are no UTF-8 do no harm
  options.set_dot_nl(true);
  options.set_log_errors(false);
  options.set_max_mem(std::int64_t{16} << 20);
  return options;
}

// Many patterns searched for in one pass.
class RuleSet {
 public:
  RuleSet(std::span<const Rule> rules, std::string_view before, std::string_view after,
          bool case_sensitive)
      : rules_(rules), set_(OptionsOf(case_sensitive), re2::RE2::UNANCHORED) {
    for (const Rule& rule : rules) {
      const std::string pattern =
          std::string(before) + "(?:" + rule.pattern + ")" + std::string(after);
      valid_ = set_.Add(pattern, nullptr) >= 0 && valid_;
    }
    valid_ = set_.Compile() && valid_;
  }

  bool valid() const { return valid_; }

  const Rule* First(std::string_view text) const {
    if (text.empty() || !valid_) return nullptr;
    std::vector<int> matched;
    if (!set_.Match(re2::StringPiece(text.data(), text.size()), &matched)) return nullptr;
    return &rules_[static_cast<std::size_t>(*std::ranges::min_element(matched))];
  }

 private:
  std::span<const Rule> rules_;
  re2::RE2::Set set_;
  bool valid_ = true;
};

const RuleSet& ClassRules() {
  static const RuleSet rules(kClassRules, "(?:^|[.$:/+\\\\*])", "(?:`[0-9]+)?$", true);
  return rules;
}

const RuleSet& MessageRules() {
  static const RuleSet rules(kMessageRules, "", "", false);
  return rules;
}

std::optional<Opinion> ToOpinion(const Rule* rule) {
  if (rule == nullptr) return std::nullopt;
  return Opinion{rule->strength, rule->reason};
}

}  // namespace

std::optional<Opinion> OpinionOfClass(std::string_view type, std::string_view message) {
  auto opinion = ToOpinion(ClassRules().First(type));
  if (!opinion || !type.ends_with("MethodArgumentNotValidException")) return opinion;
  // Spring throws it for what a rule refuses and for what is not there.
  const auto said = OpinionOfMessage(message);
  if (said && said->reason == Reason::kFormat) opinion = said;
  return opinion;
}

std::optional<Opinion> OpinionOfMessage(std::string_view message) {
  return ToOpinion(MessageRules().First(message.substr(0, kJudgedBytes)));
}

bool RulesAreValid() { return ClassRules().valid() && MessageRules().valid(); }

}  // namespace backlogd::deadletters
