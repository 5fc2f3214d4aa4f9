// librdkafka, loaded when a kafka sink is configured: tandem-log starts without it, and pays nothing for it. Its header
// is needed to build, the library only to run. A plugin of our own would be one more file to install beside the
// program.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>

namespace tandem::shipper {

// clang-format off
#define TANDEM_KAFKA_FUNCTIONS(X)                                                                            \
  X(conf_new) X(conf_destroy) X(conf_set) X(conf_set_opaque) X(conf_set_dr_msg_cb) X(conf_set_error_cb)      \
  X(conf_set_log_cb) X(new) X(destroy) X(destroy_flags) X(poll) X(flush) X(produceva) X(err2str)             \
  X(fatal_error) X(error_code) X(error_string) X(error_is_retriable)                       \
  X(error_txn_requires_abort) X(error_destroy) X(init_transactions) X(begin_transaction)                     \
  X(send_offsets_to_transaction) X(commit_transaction) X(abort_transaction) X(consumer_group_metadata_new)   \
  X(consumer_group_metadata_destroy) X(committed) X(topic_partition_list_new) X(topic_partition_list_add)    \
  X(topic_partition_list_destroy)
// clang-format on

// Its functions by their names without rd_kafka_.
struct KafkaLibrary {
#define TANDEM_KAFKA_MEMBER(name) decltype(&rd_kafka_##name) name##_ = nullptr;
  TANDEM_KAFKA_FUNCTIONS(TANDEM_KAFKA_MEMBER)
#undef TANDEM_KAFKA_MEMBER
};

// The same one each time; it is never unloaded. nullptr: `why` says what is the matter.
const KafkaLibrary* load_kafka_library(std::string& why);

}  // namespace tandem::shipper
