"""What the symptoms of databases mean, and what to do next."""

from collections.abc import Mapping

from healthmon.core.advice.entry import Entry

POSTGRES: Mapping[str, Entry] = {
    "postgres.password": Entry(
        "PostgreSQL does not accept the password, or there is no such role; it tells nobody which.",
        "Log in with {by_hand}, and compare with the variable or file from which the URL of {id} has its password; on "
        "{host}, the server's log says what was wrong. A new password is set with `ALTER ROLE ... PASSWORD`.",
    ),
    "postgres.no_password": Entry(
        "PostgreSQL wants a password, and the URL has none: the variable that it comes from is empty or not set.",
        "Give the URL of {id} a password, `postgres://USER:PASSWORD@{address}/DATABASE`, by way of a variable or file.",
    ),
    "postgres.not_admitted": Entry(
        "PostgreSQL does not let this role in from here: no line of its pg_hba.conf admits this address with this "
        "role, database and encryption, or the role may not log in or connect.",
        "On {host}, compare the message with `psql -c 'TABLE pg_hba_file_rules'`; `no encryption` in it means that "
        "the server wants TLS: `?sslmode=require`. Rights are given with `GRANT CONNECT` and `ALTER ROLE ... LOGIN`.",
    ),
    "postgres.no_database": Entry(
        "The server runs and accepts the log-in, but has no database of this name: it was never created, or another "
        "server listens on port {port}.",
        "On {host}, list the databases with `psql -p {port} -l`{container_logs}; create it with `createdb`, or restore "
        "it.",
    ),
    "postgres.too_many_connections": Entry(
        "All connections that PostgreSQL allows are taken, so that nobody else gets in: clients leave theirs open, or "
        "their pools are larger than `max_connections`.",
        "On {host}, as a superuser, see whose they are with `psql -p {port} -c 'SELECT usename, application_name, "
        "state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC'`.",
    ),
    "postgres.not_ready": Entry(
        "PostgreSQL runs but takes no log-ins yet, or no more: it is starting, recovering after a crash, or shutting "
        "down.",
        "Wait a little; if it stays so, read its log on {host} for how far the recovery is{container_logs}.",
    ),
    "postgres.shut_down": Entry(
        "Somebody shut PostgreSQL down, or ended this session, in the middle of the check.",
        "See in the server's log on {host} who did and whether it starts again{container_logs}.",
    ),
    "postgres.crashed": Entry(
        "A process of PostgreSQL crashed, and all sessions were ended because of it.",
        "Read the server's log on {host} for the process that crashed, and look for kills by lack of memory with "
        "`dmesg | grep -i oom`{container_logs}.",
    ),
    "postgres.disk_full": Entry(
        "The disk that PostgreSQL needs is full.",
        "On {host}, see what fills it with `df -h` and the size of `pg_wal`; never delete files of `pg_wal` by hand.",
    ),
    "postgres.out_of_memory": Entry(
        "PostgreSQL has not the memory that the session or the query needs.",
        "On {host}, see `free -m`, and how much `work_mem` times the number of connections may come to"
        "{container_stats}.",
    ),
    "postgres.damaged": Entry(
        "PostgreSQL cannot read or write its files, or has found damaged data.",
        "Read the server's log on {host} and the kernel's with `dmesg`; make a copy of the data before anything else.",
    ),
    "postgres.slow_query": Entry(
        "PostgreSQL lets in who logs in, but the query is not answered in time: it waits for a lock, reads too much, "
        "or the server is overloaded.",
        "On {host}, see what runs and what it waits for with `psql -p {port} -c 'SELECT pid, wait_event_type, "
        "wait_event, state, query FROM pg_stat_activity'`, and how long {by_hand} takes.",
    ),
    "postgres.no_table": Entry(
        "The server answers, but the query names a table that is not there: a migration has not run, or it is another "
        "database or schema.",
        "List the tables with `\\dt *.*` in psql, and run the migrations of the service; see {by_hand}.",
    ),
    "postgres.writes": Entry(
        "The query would write, and a check never writes: it runs in a read-only transaction.",
        "Write a `query` for {id} that only reads.",
        hint=False,
    ),
    "postgres.query": Entry(
        "The server answers, but it cannot run the query: it is wrong, or the role may not do it.",
        "Run it as the check does, with {by_hand}; rights are given with `GRANT SELECT`, or the role `pg_monitor`.",
    ),
    "postgres.no_tls": Entry(
        "The server does not offer TLS, which the URL or `tls` of {id} demands.",
        "Set `ssl = on` and a certificate in postgresql.conf on {host}, or, on a network that can be trusted, "
        "`?sslmode=disable` in the URL.",
    ),
}
"""PostgreSQL's, most by its error codes (PostgreSQL, appendix A)."""

REDIS: Mapping[str, Entry] = {
    "redis.noauth": Entry(
        "Redis wants a password, and the URL has none: the variable that it comes from is empty or not set.",
        "Give the URL of {id} a password, `redis://:PASSWORD@{address}/0`, by way of a variable or file.",
    ),
    "redis.wrongpass": Entry(
        "Redis does not accept the password, or there is no such user, or the user is switched off.",
        "Compare the password of {id} with `requirepass` or `ACL LIST` on {host}; try it with {by_hand}.",
    ),
    "redis.no_password_set": Entry(
        "The URL has a password, but this Redis has none set: it is another server, or it has lost its configuration.",
        "See on {host} whether the right server listens on port {port}, and set `requirepass`; without a password "
        "whoever reaches the port may do everything.",
    ),
    "redis.noperm": Entry(
        "Redis lets the user in but does not allow the commands of the check.",
        "Allow them on {host}: `ACL SETUSER NAME +ping +select +info`.",
    ),
    "redis.no_database": Entry(
        "Redis runs, but has no database of this index: it was started with fewer, or is a cluster, which has one.",
        "On {host}, see `redis-cli -p {port} CONFIG GET databases`; raise it, or correct the index in the URL of {id}.",
    ),
    "redis.loading": Entry(
        "Redis has started and is still loading its data into memory; until then it serves nobody.",
        "Wait; see how far it is with `redis-cli -p {port} INFO persistence` (`loading_eta_seconds`), and read why it "
        "started anew{container_logs}.",
    ),
    "redis.masterdown": Entry(
        "This Redis is a replica that has lost its primary, and may not serve data that are out of date.",
        "See `redis-cli -p {port} INFO replication` on {host} for the primary's address, and check the primary.",
    ),
    "redis.misconf": Entry(
        "Redis cannot save its data to disk, and therefore takes no more: the disk is full, or the folder is not "
        "writable.",
        "On {host}, see `df -h`, `redis-cli -p {port} INFO persistence`, and the server's log{container_logs}.",
    ),
    "redis.busy": Entry(
        "A script or function holds Redis up, so that it serves nobody else.",
        "See which with `redis-cli -p {port} FUNCTION STATS`; end it with `SCRIPT KILL` or `FUNCTION KILL`.",
    ),
    "redis.protected": Entry(
        "Redis is in protected mode: without a password it serves only its own machine.",
        "On {host}, set a password (`requirepass`) and the addresses to listen on (`bind`); do not switch "
        "`protected-mode` off instead.",
    ),
    "redis.too_many_clients": Entry(
        "All connections that Redis allows are taken, so that nobody else gets in.",
        "On {host}, see whose they are with `redis-cli -p {port} CLIENT LIST` over one that is open; raise "
        "`maxclients` and the limit of open files, or set `timeout` for idle clients.",
    ),
}
"""Redis', by the word that its errors begin with."""
