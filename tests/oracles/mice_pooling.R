# Imputation by chained equations and Rubin's pooling, by R's mice.
#
#   Rscript tests/oracles/mice_pooling.R [folder [imputations]]
#
# writes to the folder (default data/reference; 500 imputations):
#   mice_input.csv    three simulated trials, 80 people, one row a person; NA is missing
#   mice_pooled.csv   y4 ~ y0 + arm in the imputed data, pooled; one row per trial, method and term
#   mice_scalar.csv   pool.scalar (Barnard and Rubin) on given estimates; mice sets lambda to 1e-4 where it is smaller
# Needs mice and nothing of this project. The simulated trials do not depend on the number of imputations.

suppressPackageStartupMessages(library(mice))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- if (length(arguments) > 0) arguments[1] else file.path("data", "reference")
count <- if (length(arguments) > 1) as.integer(arguments[2]) else 500L
people <- 80
visits <- 5
arm <- rep(c(0, 1), people / 2)

trial <- function(seed) {
  set.seed(seed)
  root <- chol(0.6 + 0.4 * diag(visits))
  y <- matrix(rnorm(people * visits), people) %*% root * 2 + 6
  y[, -1] <- y[, -1] - 0.4 * matrix(seq_len(visits - 1), people, visits - 1, byrow = TRUE)
  y[, -1] <- y[, -1] - 0.3 * outer(arm, seq_len(visits - 1))
  colnames(y) <- paste0("y", 0:4)
  y
}

dropout <- function(y) {  # at random: the higher the value at a visit, the likelier it is the last one
  for (k in 2:visits) {
    gone <- is.na(y[, k - 1]) & k > 2
    leaves <- k > 2 & runif(people) < plogis(-3 + 0.4 * (y[, k - 1] - 5))
    y[(gone | leaves) %in% TRUE, k] <- NA
  }
  y
}

holes <- function(y) {  # completely at random, at every visit but the first
  y[, -1][matrix(runif(people * (visits - 1)), people) < 0.15] <- NA
  y
}

trials <- list(
  monotone = dropout(trial(11)),
  intermittent = holes(trial(12)),
  whole_numbers = dropout(pmin(pmax(round(trial(13)), 0), 10))
)
input <- do.call(rbind, lapply(names(trials), function(name) {
  data.frame(trial = name, participant = seq_len(people), arm = arm, trials[[name]])
}))
write.csv(input, file.path(folder, "mice_input.csv"), row.names = FALSE, quote = FALSE, na = "")

pooled <- list()
for (name in names(trials)) {
  data <- data.frame(arm = arm, trials[[name]])
  for (method in c("norm", "pmm")) {
    filled <- mice(data, m = count, maxit = 10, method = method, seed = 5, printFlag = FALSE)
    models <- lapply(seq_len(count), function(k) lm(y4 ~ y0 + arm, data = complete(filled, k)))
    estimates <- sapply(models, coef)
    variances <- sapply(models, function(model) diag(vcov(model)))
    for (term in c("y0", "arm")) {
      scalar <- pool.scalar(estimates[term, ], variances[term, ], n = people, k = 3)
      pooled[[length(pooled) + 1]] <- data.frame(
        trial = name, method = method, term = term, imputations = count, estimate = scalar$qbar, within = scalar$ubar,
        within_sd = sd(variances[term, ]), between = scalar$b, total = scalar$t, df = scalar$df
      )
    }
  }
}
put <- function(table, name, digits) {
  write.csv(format(table, digits = digits, trim = TRUE), file.path(folder, name), row.names = FALSE, quote = FALSE)
}
put(do.call(rbind, pooled), "mice_pooled.csv", 10)

cases <- list(
  five = list(q = c(1.0, 1.2, 0.9, 1.1, 1.05), se = c(.20, .22, .19, .21, .20), df = 60),
  five_large = list(q = c(1.0, 1.2, 0.9, 1.1, 1.05), se = c(.20, .22, .19, .21, .20), df = Inf),
  far_apart = list(q = c(-1.0, 0.5, 2.0, 0.1), se = c(.30, .25, .35, .28), df = 20),
  all_the_same = list(q = c(0.7, 0.7, 0.7), se = c(.20, .20, .20), df = 27)
)
scalars <- do.call(rbind, lapply(names(cases), function(name) {
  case <- cases[[name]]
  found <- pool.scalar(case$q, case$se^2, n = case$df + 1, k = 1)
  data.frame(
    case = name, estimates = paste(case$q, collapse = " "), standard_errors = paste(case$se, collapse = " "),
    complete_df = case$df, estimate = found$qbar, within = found$ubar, between = found$b, total = found$t, df = found$df
  )
}))
put(scalars, "mice_scalar.csv", 12)
cat("mice", as.character(packageVersion("mice")), "R", paste(R.version$major, R.version$minor, sep = "."), "\n")
