#pragma once

#include <string>

#include "kafka/client_configuration.h"

// What a handle needs before it can sign in. Private to this room.
namespace backlogd::kafka {

// What a handle of such a configuration waits for before it connects, in words; empty if for
// nothing. Names the host of the token endpoint, and nothing else of its address.
std::string AwaitedToken(const config::Cluster& cluster, const rd_kafka_conf_t* conf);

// Where Kerberos tickets are got by kinit, which librdkafka runs in a shell: without a kinit none
// is run, and the log says so once. With `use.runs_programs` false it is not run either. Throws
// ConfigError if kinit would lack its keytab.
void PrepareKerberos(rd_kafka_conf_t* conf, LibraryLog& library_log, const HandleUse& use);

// Whether `path`, a list of folders with colons between, has such a program.
bool HasProgram(std::string_view path, const std::string& name);

}  // namespace backlogd::kafka
