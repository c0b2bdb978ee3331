# Mixed models for repeated measures, by lme4, lmerTest, pbkrtest and nlme: what gaitstudy.stats is compared with.
#
#   Rscript repeated_measures.R TABLE.csv           all numbers of one table, as CSV on standard output
#   Rscript repeated_measures.R TABLE.csv time      seconds of one fit with one Kenward-Roger test (the last visit's,
#                                                   start-up not counted), its estimate, standard error and df
#
# TABLE: participant, arm, visit, baseline, outcome (empty where missing). The model: baseline * visit + arm * visit, the
# first arm and visit in alphabetical and numerical order as reference. The unstructured marginal model is lme4's
# (0 + visit | participant): its residual variance is then not identified, yet the marginal covariance, the likelihood and
# both kinds of degrees of freedom are. nlme's gls gives the likelihood again, and the structured covariances.

suppressPackageStartupMessages({library(lme4); library(lmerTest); library(pbkrtest); library(nlme)})
given <- commandArgs(trailingOnly = TRUE)
table <- read.csv(given[1])
table <- table[!is.na(table$outcome), ]
people <- table[!duplicated(table$participant), ]  # whoever was seen at least once
table$week <- factor(table$visit)
table$order <- as.integer(table$week)
table$arm <- factor(table$arm)
table$participant <- factor(table$participant)
formula <- outcome ~ baseline * week + arm * week
marginal_model <- outcome ~ baseline * week + arm * week + (0 + week | participant)
usual <- lmerControl(check.nobs.vs.nRE = "ignore", check.conv.singular = "ignore")
tight <- lmerControl(check.nobs.vs.nRE = "ignore", check.conv.singular = "ignore", optimizer = "nloptwrap",
                     optCtrl = list(xtol_abs = 1e-14, ftol_abs = 1e-14, xtol_rel = 0, ftol_rel = 0, maxeval = 200000))
quietly <- function(x) suppressMessages(suppressWarnings(x))

grid <- expand.grid(week = levels(table$week), arm = levels(table$arm), KEEP.OUT.ATTRS = FALSE)
grid$week <- factor(grid$week, levels(table$week))
grid$arm <- factor(grid$arm, levels(table$arm))
grid$baseline <- mean(people$baseline)  # each person once
rows <- model.matrix(formula[-2], grid)
means <- paste("mean", grid$arm, grid$week)
first <- levels(table$arm)[1]
others <- levels(table$arm)[-1]
difference <- function(arm, week) rows[grid$arm == arm & grid$week == week, ] - rows[grid$arm == first & grid$week == week, ]
pairs <- expand.grid(week = levels(table$week), arm = others, stringsAsFactors = FALSE)
differences <- do.call(rbind, Map(difference, pairs$arm, pairs$week))
last <- tail(levels(table$week), 1)

if (length(given) > 1) {
  gc()
  seconds <- system.time({
    fit <- quietly(lmer(marginal_model, data = table, control = usual))
    adjusted <- vcovAdj(fit)
    row <- matrix(difference(others[1], last), 1)
    df <- Lb_ddf(row, vcov(fit), adjusted)
  })["elapsed"]
  cat(seconds, sum(row * fixef(fit)), sqrt(as.numeric(row %*% adjusted %*% t(row))), df, "\n")
  quit()
}

out <- list()
note <- function(covariance, method, name, estimate = NA, se = NA, df1 = NA, df = NA, statistic = NA, p = NA)
  out[[length(out) + 1]] <<- data.frame(covariance, method, name, estimate, se, df1, df, statistic, p)

strict <- glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-12, msTol = 1e-14, apVar = FALSE)
structures <- list(
  unstructured = list(corSymm(form = ~ order | participant), varIdent(form = ~ 1 | week)),
  `compound symmetry` = list(corCompSymm(form = ~ order | participant), NULL))
models <- lapply(structures, function(s)
  gls(formula, data = table, correlation = s[[1]], weights = s[[2]], method = "REML", control = strict))

# lme4's optimiser stops short of the maximum on some tables (by .008 in the log likelihood on three_arms), so it is started
# from gls's covariance, and again from where it stopped
whole <- table[table$participant %in% names(which(base::table(table$participant) == nlevels(table$week))), ]
marginal <- unclass(getVarCov(models$unstructured, individual = as.character(whole$participant[1]), type = "marginal"))
half <- min(eigen(marginal)$values) / 2  # any residual variance below the smallest eigenvalue will do
lower <- t(chol((marginal - diag(half, nrow(marginal))) / half))
start <- lower[lower.tri(lower, diag = TRUE)]
for (k in 1:4) {
  fit <- quietly(lmer(marginal_model, data = table, control = tight, start = start))
  start <- getME(fit, "theta")
}
random <- VarCorr(fit)$participant
marginal <- random[seq_len(nrow(random)), ] + diag(sigma(fit)^2, nrow(random))
for (a in seq_len(nrow(marginal))) for (b in seq_len(a))
  note("unstructured", "reml", paste("covariance", levels(table$week)[a], levels(table$week)[b]), marginal[a, b])
note("unstructured", "lme4", "log likelihood", as.numeric(logLik(fit)))
for (method in c("Satterthwaite", "Kenward-Roger")) {
  one <- contest(fit, rbind(rows, differences), joint = FALSE, ddf = method)
  names <- c(means, paste(pairs$arm, "-", first, pairs$week))
  note("unstructured", tolower(method), names, one$Estimate, one$`Std. Error`, 1, one$df, one$`t value`, one$`Pr(>|t|)`)
  for (what in c("all visits", "last visit")) {
    used <- if (what == "all visits") differences else differences[pairs$week == last, , drop = FALSE]
    many <- contest(fit, used, joint = TRUE, ddf = method)
    note("unstructured", tolower(method), paste("F arm", what), NA, NA, many$NumDF, many$DenDF, many$`F value`, many$`Pr(>F)`)
  }
}
for (covariance in names(models)) {
  model <- models[[covariance]]
  note(covariance, "gls", "log likelihood", as.numeric(logLik(model)))
  L <- rbind(rows, differences)
  note(covariance, "gls", c(means, paste(pairs$arm, "-", first, pairs$week)), as.numeric(L %*% coef(model)),
       sqrt(diag(L %*% vcov(model) %*% t(L))))
}
out <- do.call(rbind, out)
options(digits = 17)
write.csv(format(out, digits = 17, trim = TRUE), stdout(), row.names = FALSE, quote = FALSE)
