#include "dlq/carry_out.h"
#include "dlq/commands.h"
#include "dlq/export_treatment.h"

namespace backlogd::dlq {

int RunLog(Session& session) {
  const Flags& flags = session.flags();
  const bool to_file = !flags.file.empty();
  const auto queue = session.Open(!flags.leave_pending);
  if (!flags.leave_pending) DemandConsent(session);
  std::unique_ptr<Export> to;
  if (!flags.dry_run) to = to_file ? OpenExportFile(flags.file) : ExportTo(session.with().out);
  ExportTreatment treatment(deadletters::Action::kLogged, to.get());
  Order order{.treatment = &treatment,
              .options = OptionsOf(flags),
              .question =
                  [&](const HandlingResult& rehearsal) {
                    return "Write " + CountOf(rehearsal.handled, *queue) + " to " +
                           (to_file ? flags.file.string() : "standard output") +
                           ", and note that they are handled?";
                  },
              .keeps_progress = !flags.leave_pending,
              .writes_to_out = !to_file && !flags.dry_run};
  if (to_file) order.facts.emplace_back("file", flags.file.string());
  return CarryOut(session, *queue, order);
}

}  // namespace backlogd::dlq
