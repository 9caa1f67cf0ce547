# The room that each test is about. A test links that room and those that it uses, and nothing else.
# tests_of(KIND ROOM NAMES...), KIND being unit, stranger or fuzz.
function(tests_of kind room)
  foreach(name ${ARGN})
    set_property(GLOBAL APPEND PROPERTY VIFARM_ROOMS_${kind}_${name} room-${room})
  endforeach()
endfunction()

# Links @target, the test @name of @kind.
function(link_room target kind name)
  get_property(rooms GLOBAL PROPERTY VIFARM_ROOMS_${kind}_${name})
  if(NOT rooms)
    message(FATAL_ERROR "tests/rooms.cmake: names no room for ${kind}/${name}")
  endif()
  target_link_libraries(${target} PRIVATE ${rooms})
endfunction()

tests_of(unit base argv dirs hash json-reader lock text tool-log)
tests_of(unit plan arch job mutant plan variant)
tests_of(unit kernel apply-log child compiler-log initramfs kconfig kernel patch sandbox source source-debian
  stack stacks stranger tree trim)
tests_of(unit evidence frame guest-ktap hazards ktap symbols triage verdict)
tests_of(unit guest adopt capture domain-xml guest-qemu libvirt-host libvirt-log owner qemu-argv qemu-check
  qemu-reap qmp watch)
tests_of(unit results-db b4 db export mutation post questions report results-json)
tests_of(unit run bisect display experiment retry)
tests_of(unit output b4 export mutation post report results-json)
tests_of(unit lava lava-answers lava-client lava-console lava-definition lava-end lava-journal lava-lab)
tests_of(unit mail mail-b4 mail-bot mail-commands mail-compose mail-config mail-filter mail-imap mail-inbox
  mail-mboxes mail-sources mail-tree series-load)
tests_of(unit cli cli completion exit-status list)
tests_of(stranger kernel config-kind product sandbox source-git source-tarball)
tests_of(stranger evidence console read)
tests_of(stranger guest guest paths)
tests_of(stranger results-db junit terminal)
tests_of(stranger run bisect)
tests_of(stranger output junit)
tests_of(stranger lava answers lava-console tokens yaml)
tests_of(stranger mail answer attempts base binary git mail-parser mail-series recipients)
tests_of(fuzz base tool-log)
tests_of(fuzz plan arch-file job-file mutant-file variant-file)
tests_of(fuzz kernel apply-log compiler-log kconfig kconfig-result patch sources)
tests_of(fuzz evidence frame hazards ktap symbols system-map triage)
tests_of(fuzz guest libvirt-log owner qmp)
tests_of(fuzz output cover-letter document letter-file policy-file targets-file)
tests_of(fuzz lava lab-file lava-answers lava-failure lava-journal lava-log lava-yaml)
tests_of(fuzz mail encoded-word imap-answer mail mail-diff mail-filter mail-policy mail-reply mail-subject
  mail-wire)
