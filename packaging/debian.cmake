# `cpack -G DEB`, run in the build directory.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME vifarm)
set(CPACK_PACKAGE_CONTACT "vifarm maintainers <maintainers@example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"kernel test farm for virtually indexed data caches
vifarm builds Linux kernels, boots them in QEMU on architectures whose data
cache is virtually indexed, and reports each stale read, lost store and
overwritten line that real hardware would have had: with function, file and
line. A QEMU plugin brings the model of the cache and an emulated SAA7146
capture chip.")

# What builds kernels and initramfs: as in ./farm.
set(DEPENDS make gcc g++ libc6-dev git bc bison flex ccache bubblewrap xz-utils rsync kmod cpio libelf-dev libssl-dev
  python3 dpkg-dev curl ca-certificates linux-source-6.12 adduser)
# What each architecture's file names: compilers, libraries of the guest, QEMU.
file(GLOB ARCHES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernels/*/arch.json)
foreach(arch ${ARCHES})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${arch})
  file(READ ${arch} text)
  string(JSON qemu GET "${text}" qemu package)
  list(APPEND DEPENDS "${qemu} (>= 1:10.0)")
  foreach(part kernel guest)
    string(JSON count LENGTH "${text}" ${part} packages)
    math(EXPR last "${count} - 1")
    foreach(i RANGE ${last})
      string(JSON package GET "${text}" ${part} packages ${i})
      list(APPEND DEPENDS ${package})
    endforeach()
  endforeach()
endforeach()
list(REMOVE_DUPLICATES DEPENDS)
list(JOIN DEPENDS ", " CPACK_DEBIAN_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS libvirt-daemon-driver-qemu)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "b4, public-inbox")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_SOURCE_DIR}/postinst ${CMAKE_CURRENT_SOURCE_DIR}/postrm)

# Policy 12.5 and 12.7.
set(CHANGELOG ${CMAKE_CURRENT_BINARY_DIR}/changelog.Debian)
string(TIMESTAMP DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(changelog.in ${CHANGELOG} @ONLY)
add_custom_command(OUTPUT ${CHANGELOG}.gz COMMAND gzip -9nkf ${CHANGELOG} DEPENDS ${CHANGELOG} VERBATIM)
add_custom_target(changelog ALL DEPENDS ${CHANGELOG}.gz)
install(FILES ${CHANGELOG}.gz copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/vifarm)
include(CPack)
