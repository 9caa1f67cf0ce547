# -DPROGRAM -DPAGES -DCOMPLETION: writes PROGRAM's manual pages, compressed, and its completion.
function(must)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${PAGES} ${COMPLETION})
file(MAKE_DIRECTORY ${PAGES} ${COMPLETION})
must(${PROGRAM} man -o ${PAGES})
file(GLOB WRITTEN ${PAGES}/*.1)
must(gzip -9n ${WRITTEN})
must(${PROGRAM} completion bash OUTPUT_FILE ${COMPLETION}/orchestrator)
must(${PROGRAM} completion zsh OUTPUT_FILE ${COMPLETION}/_orchestrator)
must(${PROGRAM} completion fish OUTPUT_FILE ${COMPLETION}/orchestrator.fish)
file(TOUCH ${PAGES}/complete ${COMPLETION}/complete)
