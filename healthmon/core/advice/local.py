"""What is asked on this machine: socket files, containers, commands."""

from collections.abc import Mapping

from healthmon.core.advice.entry import Entry

LOCAL: Mapping[str, Entry] = {
    "unix.no_file": Entry(
        "There is no such socket file: the process that makes it has not started or has exited, or listens elsewhere.",
        "See which sockets are listened on with `ss -lx`, and whether this program sees the same files: a container or "
        "a unit with a file system of its own does not.",
    ),
    "unix.refused": Entry(
        "The socket file is there, but nothing listens on it: the process that made it has exited.",
        "See which sockets are listened on with `ss -lx`, and start the process of {id} again.",
    ),
    "unix.permission": Entry(
        "This program may not use the socket file, so nothing is known of what listens on it.",
        "Let the user that runs healthmon into the group of the file, or of the folders above it that keep it out: "
        "`namei -l` shows them.",
        hint=False,
    ),
    "docker.no_engine": Entry(
        "The container engine cannot be reached, so none of its containers can be asked for.",
        "See whether it runs, `systemctl status docker` (for Podman `systemctl status podman.socket`), and on which "
        "socket it listens: `engine` of {id} or $DOCKER_HOST says where healthmon looks.",
        hint=False,
    ),
    "docker.permission": Entry(
        "This program may not use the socket of the container engine, so nothing is known of the container.",
        "Let the user that runs healthmon into the socket's group: `usermod -aG docker USER`, or "
        "`SupplementaryGroups=docker` in the unit. Whoever is in that group has the rights of root.",
        hint=False,
    ),
    "docker.silent": Entry(
        "The container engine accepts connections but does not answer: it hangs, or this machine is overloaded.",
        "See whether {by_hand} answers, and read the engine's log with `journalctl -u docker -n 50`.",
    ),
    "docker.engine": Entry(
        "The container engine answers, but not what was asked for: something else may be listening there, or the "
        "engine itself is in trouble.",
        "See what {by_hand} says, and read the engine's log with `journalctl -u docker -n 50`.",
    ),
    "docker.no_container": Entry(
        "The engine has no such container: it was never created, because its image was not built or pulled or the "
        "deployment stopped before, or it was removed, or has another name.",
        "See which there are with `{docker} ps -a`; where it is missing, read the log of the build or of "
        "`docker compose up -d`.",
    ),
    "docker.exited": Entry(
        "The container is not running: its process has ended.",
        "Read its last words with `{docker} logs {container} --tail 50`, then start it again with "
        "`{docker} start {container}`.",
    ),
    "docker.out_of_memory": Entry(
        "The kernel killed the container's process because it needed more memory than it may have.",
        "Compare `{docker} stats --no-stream {container}` with its limit, "
        "`{docker} inspect -f '{{{{.HostConfig.Memory}}}}' {container}`; raise the limit, or find what takes the "
        "memory.",
    ),
    "docker.killed": Entry(
        "The container's process was killed from outside: by somebody, by a stop for which it took too long, or by the "
        "kernel for lack of memory of which the engine did not hear.",
        "Look for the kernel's doing with `dmesg | grep -i oom`, and read the container's last words with "
        "`{docker} logs {container} --tail 50`; then start it again with `{docker} start {container}`.",
    ),
    "docker.restart_loop": Entry(
        "The container's process ends soon after each start and is started again and again.",
        "Read why it ends with `{docker} logs {container} --tail 50`; often a setting, a secret or a database is "
        "missing.",
    ),
    "docker.not_started": Entry(
        "The container was created but has never run: its start failed, or nobody has started it.",
        "Start it by hand and read the error: `{docker} start {container}`; often its port is in use or a file that it "
        "mounts is missing.",
    ),
    "docker.paused": Entry(
        "The container is paused: its processes are stopped until somebody lets them go on.",
        "Let it go on with `{docker} unpause {container}`.",
    ),
    "docker.unhealthy": Entry(
        "The container runs, but its own health check fails.",
        "Read what the health check says with `{docker} inspect -f '{{{{json .State.Health}}}}' {container}`, and "
        "`{docker} logs {container} --tail 50`.",
    ),
    "docker.starting": Entry(
        "The container runs, but its own health check has not passed yet.",
        "Wait, and check again; if it stays so, read `{docker} logs {container} --tail 50`. A `start_period` of "
        "{id} as long as that of the container keeps the daemon quiet meanwhile.",
    ),
    "exec.cannot_run": Entry(
        "The command could not be run, so nothing is known of the service.",
        "Check `command` and `cwd` of {id}: they must be there for, and may be used by, the user that runs healthmon. "
        "Only the folders of `env.PATH`, or else the usual ones, are searched.",
        hint=False,
    ),
    "exec.timeout": Entry(
        "The command did not end within {timeout}, and was ended with all that it had started.",
        "Run it by hand and see where it waits: {by_hand}. If it needs so long, raise `timeout`.",
    ),
    "exec.signal": Entry(
        "The command was ended by a signal: it crashed, or something killed it.",
        "Look for crashes and for kills by lack of memory with `dmesg | tail`, and run it by hand: {by_hand}.",
    ),
    "exec.missing": Entry(
        "The command ran, but what it started could not be run: a program that it names is missing or may not be used.",
        "Run it by hand, as the same user and with no other environment: {by_hand}.",
    ),
    "exec.output": Entry(
        "The command said more than is kept of its output, so what is expected of it cannot be evaluated.",
        "Let it say less, or raise `output_limit` of {id}.",
        hint=False,
    ),
    "exec.plugin_warning": Entry(
        "The Nagios plugin warns: what it measured is beyond its threshold for a warning.",
        "Look at what it measured with `healthmon check --only {id} --verbose`, or run it by hand: {by_hand}.",
    ),
    "exec.plugin_critical": Entry(
        "The Nagios plugin says that the service is in a critical state.",
        "Look at what it measured with `healthmon check --only {id} --verbose`, or run it by hand: {by_hand}.",
    ),
    "exec.plugin_unknown": Entry(
        "The Nagios plugin says that it could not find out, often because of its arguments or of a program that it "
        "needs.",
        "Run it by hand, as the same user and with no other environment, and read what it prints: {by_hand}.",
        hint=False,
    ),
}
