# Meta-analyses by R's metafor.
#
#   Rscript tests/oracles/meta_analysis.R [folder]
#
# writes to the folder (default data/reference):
#   meta_analysis_input.csv    effects and standard errors: data shipped with metafor (by escalc), and made-up sets
#   meta_analysis.csv          one row per set, estimator of tau2 and kind of interval
# Needs metafor (with metadat) and nothing of this project.

suppressPackageStartupMessages(library(metafor))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- if (length(arguments) > 0) arguments[1] else file.path("data", "reference")
tight <- list(threshold = 1e-12, maxiter = 100000, tol = 1e-14, stepadj = 0.5)

bcg <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
stay <- escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999)
sets <- list(
  "dat.bcg, log risk ratio" = data.frame(yi = as.numeric(bcg$yi), vi = bcg$vi),
  "dat.normand1999, days" = data.frame(yi = as.numeric(stay$yi), vi = stay$vi),
  "dat.bangertdrowns2004, SMD" = data.frame(yi = as.numeric(dat.bangertdrowns2004$yi), vi = dat.bangertdrowns2004$vi),
  "made up, alike" = data.frame(yi = c(-.20, -.18, -.21, -.19, -.17), vi = c(.010, .020, .015, .030, .012)),
  "made up, two studies" = data.frame(yi = c(-.10, -.60), vi = c(.02, .05)),
  "made up, two alike" = data.frame(yi = c(-.30, -.35), vi = c(.02, .05))
)

inputs <- do.call(rbind, lapply(names(sets), function(name) {
  data.frame(set = name, study = seq_len(nrow(sets[[name]])), effect = sets[[name]]$yi,
             standard_error = sqrt(sets[[name]]$vi))
}))

row <- function(name, method, test) {
  d <- sets[[name]]
  fit <- rma(yi, vi, data = d, method = method, test = test, control = if (method %in% c("REML", "PM")) tight else list())
  further <- predict(fit)
  random <- method != "FE"
  data.frame(
    set = name, method = method, test = test, studies = fit$k, estimate = as.numeric(fit$beta),
    standard_error = fit$se, low = fit$ci.lb, high = fit$ci.ub, p = fit$pval,
    prediction_low = if (random) further$pi.lb else NA, prediction_high = if (random) further$pi.ub else NA,
    tau2 = fit$tau2, q = fit$QE, q_p = fit$QEp, i2 = fit$I2, h2 = fit$H2
  )
}

results <- row(names(sets)[1], "FE", "z")[0, ]
for (name in names(sets)) {
  results <- rbind(results, row(name, "FE", "z"))
  for (method in c("REML", "DL", "PM")) {
    for (test in c("z", "knha", "adhoc")) results <- rbind(results, suppressWarnings(row(name, method, test)))
  }
}

write <- function(table, name) {
  numbers <- sapply(table, is.numeric)
  table[numbers] <- lapply(table[numbers], function(x) ifelse(is.na(x), "", trimws(formatC(x, digits = 15, format = "g"))))
  write.csv(table, file.path(folder, name), row.names = FALSE, quote = which(!numbers))
}
write(inputs, "meta_analysis_input.csv")
write(results, "meta_analysis.csv")
