# Fetches the chart library into OUTPUT by `npm ci` from the lock file in SOURCE. Without npm or
# its registry the report has tables only: a farm that cannot reach them still has to build.
file(MAKE_DIRECTORY ${OUTPUT})
file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json DESTINATION ${OUTPUT})
set(dist ${OUTPUT}/node_modules/uplot/dist)
if(NOT EXISTS ${dist}/uPlot.iife.min.js)
  execute_process(COMMAND npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    WORKING_DIRECTORY ${OUTPUT} RESULT_VARIABLE result OUTPUT_VARIABLE text ERROR_VARIABLE text
    TIMEOUT 120)
endif()
if(EXISTS ${dist}/uPlot.iife.min.js AND EXISTS ${dist}/uPlot.min.css)
  configure_file(${dist}/uPlot.iife.min.js ${OUTPUT}/charts.js COPYONLY)
  configure_file(${dist}/uPlot.min.css ${OUTPUT}/charts.css COPYONLY)
else()
  message(WARNING "npm could not fetch the chart library (${result}); the HTML report will have tables only. ${text}")
  file(WRITE ${OUTPUT}/charts.js "")
  file(WRITE ${OUTPUT}/charts.css "")
endif()
